// Functions and types whose symbols use the rarer productions of the Itanium C++ ABI; compiled, never run.
#include <array>
#include <compare>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <typeinfo>
#include <utility>
#include <vector>

namespace outer {
inline namespace v1 {
namespace {
struct Hidden {
    int value;
    __attribute__((noinline, used)) int read() const volatile & { return value; }
    __attribute__((noinline, used)) int take() && { return value; }
};
} // namespace

template <typename T, int N, template <typename...> class C>
struct Box {
    C<T> items;
    T array[N];
    __attribute__((noinline)) explicit operator bool() const noexcept { return N != 0; }
    template <typename U> __attribute__((noinline)) operator U*() { return nullptr; }
    __attribute__((noinline)) Box& operator+=(Box&& other) { return *this; }
    __attribute__((noinline)) auto operator[](int i) const -> decltype(array[0]) { return array[i]; }
    __attribute__((noinline)) bool operator<(Box const& other) const { return array[0] < other.array[0]; }
    __attribute__((noinline)) Box* operator->() { return this; }
    __attribute__((noinline)) void* operator new(std::size_t size) { return std::malloc(size); }
    __attribute__((noinline)) void operator delete(void* place) { std::free(place); }
    struct Inner {
        enum { First } kind;
        __attribute__((noinline)) Inner(T const& t, ...) : kind(First) {}
        __attribute__((noinline)) ~Inner() {}
    };
};

template struct Box<double, 3, std::vector>;
template Box<double, 3, std::vector>::operator int*();

struct Base { virtual ~Base(); virtual Base* clone(int (*)[4]) = 0; virtual void act(); };
struct Other { virtual ~Other(); virtual void other() const; };
struct Derived : Other, virtual Base {
    using Base::Base;
    Derived();
    ~Derived() override;
    Derived* clone(int (*)[4]) override;
    void act() override;
    void other() const override;
};
Base::~Base() {}
void Base::act() {}
Other::~Other() {}
void Other::other() const {}
Derived::Derived() {}
Derived::~Derived() {}
Derived* Derived::clone(int (*)[4]) { return new Derived; }
void Derived::act() { std::puts(typeid(*this).name()); }
void Derived::other() const {}

int plain(int (*callback)(void* const, char const* __restrict), int (&matrix)[2][3], long double, __int128, char8_t, char32_t,
    int Hidden::*field, int (Hidden::*method)() &&, void (*quiet)(int) noexcept, std::nullptr_t)
{
    return callback(nullptr, nullptr) + matrix[0][0];
}

int (*(*returnsPointers(int))(char))[5] { return nullptr; }

template <typename... Ts> __attribute__((noinline)) auto sum(Ts... values) -> decltype((values + ... + 0)) { return (values + ... + 0); }
template <typename... Ts> __attribute__((noinline)) std::tuple<std::remove_reference_t<Ts>*...> pointers(Ts&&... values) { return {}; }
template <typename T> __attribute__((noinline)) auto call(T&& t) -> decltype(t(1)) { return t(1); }
template <typename T> __attribute__((noinline)) auto measure(T t) -> decltype(static_cast<int>(sizeof(T)), t) { return t; }
template <typename T> __attribute__((noinline)) auto member(T& t) -> decltype(t.items.size() > 3 ? &t : nullptr) { return &t; }
template <auto V> __attribute__((noinline)) void constant() {}
template <typename T, T V> __attribute__((noinline)) std::integral_constant<T, V> typed() { return {}; }
template <int N> __attribute__((noinline)) std::array<char, N + 1> sized(int (&)[N]) { return {}; }
template <typename T> __attribute__((noinline)) std::enable_if_t<!std::is_pointer_v<T>, T> guarded(T t) { return t; }
template <typename T> T variable = T(1);
struct Point { int x, y; };
enum class Color : unsigned char { Red, Green = 7 };
struct [[gnu::abi_tag("tagged")]] Tagged { };
__attribute__((noinline)) Tagged tagged(Tagged) { return {}; }
thread_local std::string perThread("x");
inline int& counter()
{
    static int count = std::puts("");
    static struct { int inside; __attribute__((noinline)) int get() { return inside; } } local{};
    return local.get() ? count : local.inside;
}
__attribute__((noinline)) int operator""_units(unsigned long long value) { return static_cast<int>(value); }
__attribute__((noinline)) std::strong_ordering operator<=>(Point const& a, Point const& b) { return a.x <=> b.x; }

template <typename F> __attribute__((noinline)) int run(F f) { return f(1, 2.0); }

int all(Box<double, 3, std::vector>& box)
{
    int captured = 1;
    auto generic = [&captured](auto a, auto&& b) __attribute__((noinline)) { return captured + int(a) + int(b); };
    auto nested = [&](int a, double b) __attribute__((noinline)) {
        return run([a, &captured](int c, double) mutable __attribute__((noinline)) { return captured += a + c; });
    };
    auto declared = []<typename T, int N>(T (&)[N], auto... rest) __attribute__((noinline)) { return N + int(sizeof...(rest)); };
    int numbers[4] = {};
    Hidden hidden{3};
    constant<&Hidden::value>();
    constant<&plain>();
    constant<Point{1, -2}>();
    constant<Color::Green>();
    constant<'x'>();
    constant<-5L>();
    typed<bool, true>();
    typed<unsigned long long, 18446744073709551615ull>();
    call([](int i) { return i; });
    member(box);
    measure(captured);
    pointers(1, 2.0f, "three");
    typename Box<double, 3, std::vector>::Inner inner(1.0);
    std::map<std::string, std::function<void(std::unique_ptr<int>&&)>> table;
    table["a"] = [](std::unique_ptr<int>&&) { };
    return sum(1, 'a', 2L) + run(generic) + run(nested) + declared(numbers, 1, 2u) + int(sized(numbers).size()) + guarded(captured)
        + int(variable<float>) + hidden.read() + Hidden{4}.take() + 5_units + (Point{1, 2} < Point{2, 1}) + counter()
        + int(perThread.size());
}
} // namespace v1
} // namespace outer

extern "C" int entry(outer::Box<double, 3, std::vector>* box)
{
    auto const [first, second] = std::make_pair(outer::all(*box), 2);
    return first + second + (*box)[0] + (outer::tagged({}), 1);
}
