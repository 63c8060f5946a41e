// Time in functions whose symbols say little before they are demangled.
mod inner {
    pub struct Pair<T>(pub T, pub T);

    pub trait Spin {
        fn spin(&self, rounds: u64) -> u64;
    }

    impl<T: Copy + Into<u64>> Spin for Pair<T> {
        #[inline(never)]
        fn spin(&self, rounds: u64) -> u64 {
            (0..rounds).fold(0, |sum: u64, i| std::hint::black_box(sum.wrapping_mul(31) + self.0.into() + self.1.into() + i))
        }
    }

    #[inline(never)]
    pub fn call<F: Fn(u64) -> u64>(function: F, rounds: u64) -> u64 {
        (0..rounds).map(|i| function(i)).sum()
    }
}

use inner::{call, Pair, Spin};

fn main() {
    let sum = Pair(5u32, 6u32).spin(30_000_000) ^ call(|i| std::hint::black_box(i * 3), 30_000_000);
    println!("{sum}");
}
