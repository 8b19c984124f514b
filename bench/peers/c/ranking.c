/*
 * Full ranking by hand: for every user the 20 best of all items by inner
 * product, training items left out, equal scores by smaller index.
 *
 * 6 users x 16 items at a time in registers; a score meets memory only when it
 * beats the user's 20th best, so there is no product to write and read again.
 *
 * Usage: ranking FOLDER [--threads 2] [--seconds 5]
 */
#include "neutral.h"
#include <immintrin.h>
#include <math.h>
#include <omp.h>

enum { WIDTH = 64, BEST = 20, GROUP = 6, PANEL = 16, BLOCK = 60 };
/* Rankings of everybody that are timed, after one that is not. */
enum { LEAST_RUNS = 5, MOST_RUNS = 10000 };

typedef struct { float scores[BEST]; int items[BEST]; } Best;

static int user_count, item_count, *starts, *seen;

static int is_seen(int user, int item) {
    int low = starts[user], high = starts[user + 1];
    while (low < high) {
        int middle = (low + high) / 2;
        if (seen[middle] < item) low = middle + 1; else high = middle;
    }
    return low < starts[user + 1] && seen[low] == item;
}

static void offer(Best *best, int user, int item, float score) {
    if (!(score > best->scores[BEST - 1]) || item >= item_count || is_seen(user, item)) return;
    int at = BEST - 1;
    for (; at > 0 && score > best->scores[at - 1]; at--) {
        best->scores[at] = best->scores[at - 1];
        best->items[at] = best->items[at - 1];
    }
    best->scores[at] = score;
    best->items[at] = item;
}

/* 6 users by one panel of 16 items; answers which scores beat the bounds, and spills those alone. */
static void tile(const float *users, const float *panel, Best *best, int user, int item, int valid) {
    __m256 low[GROUP], high[GROUP];
    for (int u = 0; u < GROUP; u++) low[u] = high[u] = _mm256_setzero_ps();
#pragma GCC unroll 4
    for (int j = 0; j < WIDTH; j++) {
        __m256 a = _mm256_load_ps(panel + j * PANEL), b = _mm256_load_ps(panel + j * PANEL + 8);
#pragma GCC unroll 6
        for (int u = 0; u < GROUP; u++) {
            __m256 x = _mm256_broadcast_ss(users + u * WIDTH + j);
            low[u] = _mm256_fmadd_ps(x, a, low[u]);
            high[u] = _mm256_fmadd_ps(x, b, high[u]);
        }
    }
#pragma GCC unroll 6
    for (int u = 0; u < GROUP; u++) {
        __m256 bound = _mm256_broadcast_ss(&best[u].scores[BEST - 1]);
        int beats = _mm256_movemask_ps(_mm256_cmp_ps(low[u], bound, _CMP_GT_OQ))
                  | _mm256_movemask_ps(_mm256_cmp_ps(high[u], bound, _CMP_GT_OQ)) << 8;
        if (__builtin_expect(beats && u < valid, 0)) {
            float scores[PANEL];
            _mm256_storeu_ps(scores, low[u]);
            _mm256_storeu_ps(scores + 8, high[u]);
            for (; beats; beats &= beats - 1) {
                int lane = __builtin_ctz((unsigned)beats);
                offer(&best[u], user + u, item + lane, scores[lane]);
            }
        }
    }
}

int main(int count, char **words) {
    if (count < 2) { fprintf(stderr, "usage: %s FOLDER [--threads 2] [--seconds 5]\n", words[0]); return 2; }
    int threads = (int)option(count, words, "--threads", 2);
    double seconds = option(count, words, "--seconds", 5);
    char *meta = read_file(words[1], "meta.json", NULL);
    user_count = meta_integer(meta, "users");
    item_count = meta_integer(meta, "items");
    size_t bytes;
    int *pair_users = read_file(words[1], "train_users.bin", &bytes);
    seen = read_file(words[1], "train_items.bin", NULL);
    float *users = read_file(words[1], "initial.bin", NULL), *items = users + (size_t)user_count * WIDTH;
    starts = reserve(sizeof(int) * (size_t)(user_count + 1));
    for (size_t e = 0; e < bytes / sizeof(int); e++) starts[pair_users[e] + 1]++;
    for (int u = 0; u < user_count; u++) starts[u + 1] += starts[u];
    int panels = (item_count + PANEL - 1) / PANEL, blocks = (user_count + BLOCK - 1) / BLOCK;
    float *packed = reserve(sizeof(float) * WIDTH * PANEL * (size_t)panels);
    Best *best = reserve(sizeof(Best) * (size_t)blocks * BLOCK);
    double taken[MOST_RUNS], passed = 0;
    int runs = -1; /* the first only warms */
    while (runs < MOST_RUNS && (passed < seconds || runs < LEAST_RUNS)) {
        double begin = now();
#pragma omp parallel num_threads(threads)
        {
#pragma omp for schedule(static)
            for (int panel = 0; panel < panels; panel++)
                for (int lane = 0; lane < PANEL && panel * PANEL + lane < item_count; lane++)
                    for (int j = 0; j < WIDTH; j++)
                        packed[((size_t)panel * WIDTH + (size_t)j) * PANEL + lane] = items[(size_t)(panel * PANEL + lane) * WIDTH + j];
#pragma omp for schedule(dynamic, 1)
            for (int block = 0; block < blocks; block++) {
                int first = block * BLOCK, last = first + BLOCK < user_count ? first + BLOCK : user_count;
                float own[BLOCK * WIDTH] __attribute__((aligned(64)));
                memset(own, 0, sizeof own);
                memcpy(own, users + (size_t)first * WIDTH, sizeof(float) * WIDTH * (size_t)(last - first));
                for (int u = first; u < last; u++)
                    for (int at = 0; at < BEST; at++) { best[u].scores[at] = -INFINITY; best[u].items[at] = -1; }
                for (int panel = 0; panel < panels; panel++)
                    for (int u = first; u < last; u += GROUP)
                        tile(own + (u - first) * WIDTH, packed + (size_t)panel * WIDTH * PANEL, best + u, u,
                             panel * PANEL, last - u);
            }
        }
        if (runs >= 0) passed += taken[runs] = now() - begin;
        runs++;
    }
    double sum = 0;
    long long checksum = 0;
    for (int u = 0; u < user_count; u++)
        for (int at = 0; at < BEST; at++) { sum += best[u].scores[at]; checksum += best[u].items[at]; }
    double middle = median(taken, runs);
    printf("{\"threads\":%d,\"width\":%d,\"k\":%d,\"rankMs\":{\"median\":%.3f,\"min\":%.3f,\"max\":%.3f},"
           "\"meanTopScore\":%.9f,\"itemChecksum\":%lld,\"peakMebibytes\":%.1f,\"versions\":{\"gcc\":\"%s\"}}\n",
           threads, WIDTH, BEST, middle * 1e3, taken[0] * 1e3, taken[runs - 1] * 1e3,
           sum / user_count / BEST, checksum, peak_mebibytes(), __VERSION__);
    return 0;
}
