/* Reading the neutral folders of bench/data.ts, memory, time. */
#ifndef NEUTRAL_H
#define NEUTRAL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Zeroed memory, in huge pages where the system grants them: fewer TLB misses on gathered rows. */
static void *reserve(size_t bytes) {
    size_t page = (size_t)2 << 20, rounded = (bytes + page - 1) / page * page;
    void *memory = NULL;
    if (posix_memalign(&memory, page, rounded + page)) { fprintf(stderr, "out of memory\n"); exit(1); }
    madvise(memory, rounded, MADV_HUGEPAGE);
    memset(memory, 0, rounded + page);
    return memory;
}

static void *read_file(const char *folder, const char *name, size_t *bytes) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) { fprintf(stderr, "cannot read %s\n", path); exit(2); }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *data = reserve(size + 1);
    if (fread(data, 1, size, file) != size) { fprintf(stderr, "short read of %s\n", path); exit(2); }
    fclose(file);
    if (bytes) *bytes = size;
    return data;
}

static int meta_integer(const char *meta, const char *field) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", field);
    const char *at = strstr(meta, key);
    if (!at) { fprintf(stderr, "meta.json has no \"%s\"\n", field); exit(2); }
    return atoi(at + strlen(key));
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts, then answers the middle. */
static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, compare_doubles);
    return count % 2 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2]);
}

static double peak_mebibytes(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024.0;
}

/* "--name value" on the command line, else the fallback. */
static double option(int count, char **words, const char *name, double fallback) {
    for (int at = 1; at + 1 < count; at++)
        if (!strcmp(words[at], name)) return atof(words[at + 1]);
    return fallback;
}

#endif
