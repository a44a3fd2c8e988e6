/* What matmul.py does, in the C that one would write first: rows that are allocated one by one, no blocking. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double **rows_of(int n) {
    double **rows = malloc(n * sizeof *rows);
    if (!rows) exit(1);
    for (int i = 0; i < n; i++) {
        rows[i] = malloc(n * sizeof **rows);
        if (!rows[i]) exit(1);
    }
    return rows;
}

static double **matrix(int n, unsigned long state) {
    double **rows = rows_of(n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            state = (state * 1103515245 + 12345) & 0x7fffffff;
            rows[i][j] = state / 2147483648.0;
        }
    return rows;
}

static void multiply(int n, double **a, double **b, double **result) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double total = 0.0;
            for (int k = 0; k < n; k++) total += a[i][k] * b[k][j];
            result[i][j] = total;
        }
}

static double checksum(int n, double **rows) {
    double total = 0.0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) total += rows[i][j] * (i + 2 * j + 1);
    return total;
}

static double cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1e9 + now.tv_nsec;
}

int main(int count, char **words) {
    static const char *names[] = {"first multiplication", "second multiplication", "third multiplication"};
    int n = count > 1 ? atoi(words[1]) : 0;
    if (n < 1) return 2;
    double **a = matrix(n, 1), **b = matrix(n, 2), **result = rows_of(n);
    for (int time = 0; time < 3; time++) {
        double start = cpu_ns();
        multiply(n, a, b, result);
        double ns = cpu_ns() - start;
        printf("{\"name\": \"%s\", \"ns\": %.0f, \"check\": \"%.17g\"}\n", names[time], ns, checksum(n, result));
    }
    return 0;
}
