// Functions that are inlined into each other, generic ones, closures and the standard library's. Argument: rounds.
use std::collections::HashMap;

struct Mixer {
    state: u64,
}

impl Mixer {
    #[inline(always)]
    fn step(&mut self, item: u64) -> u64 {
        self.state = self.state.wrapping_mul(6364136223846793005).wrapping_add(item);
        self.state >> 33
    }
}

#[inline(never)]
fn mixing<F: Fn(u64) -> u64>(spread: F, count: u64) -> u64 {
    let mut mixer = Mixer { state: 1 };
    (0..count).fold(0, |sum, item| sum ^ spread(mixer.step(item)))
}

#[inline(never)]
fn counting(count: u64) -> usize {
    let mut counts = HashMap::new();
    for item in 0..count {
        *counts.entry(item % 1000).or_insert(0u64) += item;
    }
    counts.len()
}

#[inline(never)]
fn sorting(count: u64) -> u64 {
    let mut items: Vec<u64> = (0..count).map(|item| (item * 7919) % 100_003).collect();
    items.sort();
    items[items.len() / 2]
}

fn main() {
    let rounds: u64 = std::env::args().nth(1).map_or(10, |text| text.parse().unwrap());
    let mut sum = 0;
    for round in 0..rounds {
        sum ^= mixing(|item| item.rotate_left(3) ^ (item * 3), 1_000_000 + round) + counting(20_000) as u64 + sorting(20_000 + round);
    }
    println!("{sum}");
}
