// Functions in functions, for tests that compare who was inlined where: templates, lambdas, local classes, members of structures,
// a function that the compiler splits in a hot and a cold part, one that no other calls. Two parts (PART 1 and 2) make a program.
namespace shapes {

template <typename T> struct List {
    T items[64];
    unsigned count = 0;
    void add(T item) { if (count < 64) items[count++] = item; }
    T *begin() { return items; }
    T *end() { return items + count; }
};

template <typename T, typename Less> inline void sort(T *begin, T *end, Less less)
{
    for (T *i = begin; i < end; i++)
        for (T *j = i; j > begin && less(*j, j[-1]); j--) {
            T kept = *j;
            *j = j[-1];
            j[-1] = kept;
        }
}

struct Area {
    virtual ~Area() {}
    virtual double of(double size) const = 0;
    static double square(double x) { return x * x; }
};

struct Circle : Area {
    double of(double size) const override { return 3.14159 * square(size); }
};

struct Square : Area {
    double of(double size) const override { return square(size) + square(size / 3); }
};

}

double weigh(int many, const shapes::Area &area);
[[noreturn]] void stop(const char *why);
extern volatile double sink;

template <int N> struct Power {
    static inline double of(double x) { return x * Power<N - 1>::of(x) + N; }
};

template <> struct Power<0> {
    static inline double of(double) { return 1; }
};

#if PART == 1

static inline __attribute__((always_inline)) double step(double x, int n)
{
    double sum = x;
    for (int i = 0; i < n; i++)
        sum += Power<4>::of(x + i) / (1 + sum * sum);
    return sum;
}

static __attribute__((noinline)) double crooked(double x, int n)
{
    struct Local {
        double half;
        double twice() const { return half * 4 + step(half, 3); }
    } local = { x / 2 };
    if (__builtin_expect(n > 1000000, 0))
        stop("too many");
    return local.twice() + step(x, n);
}

static double chosen(double x)
{
    auto add = [x](double y) { return step(x + y, 2) + crooked(y, 5); };
    return add(x) + add(x * 2);
}

double weigh(int many, const shapes::Area &area)
{
    shapes::List<double> list;
    for (int i = 0; i < many; i++)
        list.add(area.of(i % 7) + chosen(i));
    shapes::sort(list.begin(), list.end(), [](double a, double b) { return a < b; });
    double sum = 0;
    for (double item : list)
        sum += item;
    return sum;
}

__attribute__((noinline)) double nobody_calls(double x)
{
    return step(x, 9) + chosen(x);
}

#else

volatile double sink;

__attribute__((noinline)) void stop(const char *why)
{
    for (const char *c = why; *c; c++)
        sink = *c;
    __builtin_abort();
}

static double both(int many)
{
    shapes::Circle circle;
    shapes::Square square;
    shapes::List<int> order;
    for (int i = 0; i < many; i++)
        order.add(i * 7 % 13);
    shapes::sort(order.begin(), order.end(), [](int a, int b) { return a > b; });
    return weigh(many, circle) + weigh(many + order.items[0], square) + Power<6>::of(many);
}

int main(int count, char **)
{
    for (int i = 0; i < 3; i++)
        sink = both(20 + count);
    return 0;
}

#endif
