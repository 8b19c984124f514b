/*
 * LightGCN's training step by hand, as the bar that the engine is measured
 * against: propagation, BPR with L2, gradient, dense Adam; width 64, float32.
 *
 *   final = P E,  grad E = P dL/dfinal + L2,  P = 1/(K+1) sum A~^k,
 *   A~ = D^-1/2 A D^-1/2
 *
 * Horner form with rows scaled beforehand by D^-1/2, so that a gather needs no
 * edge values and each layer is one pass. Users at layer k need items at layer
 * k-1 only, so the layers run as two chains (U1 I2 U3, then I1 U2 I3): each
 * pass gathers from the table that the pass before has left in the cache. The
 * last backward layer hands each row straight to Adam.
 *
 * With --batch-rows 1 (exact): only the batch's rows of the last forward layer
 * are computed, and the first backward layer reads only those rows.
 *
 * Usage: lightgcn_step FOLDER [--threads 2] [--batch-rows 1] [--seconds 5] [--layers 3]
 */
#include "neutral.h"
#include <immintrin.h>
#include <math.h>
#include <omp.h>

enum { WIDTH = 64, BATCH = 2048, CHECKS = 4, PIECES = 96, AHEAD = 12 };
static const float RATE = 1e-3f, DECAY = 1e-4f, BETA1 = 0.9f, BETA2 = 0.999f, EPSILON = 1e-8f;

typedef struct { __m256 v[8]; } Row;

static int user_count, item_count, node_count, edge_count, layers, batch_rows, threads;
static int *indptr, *indices;           /* adjacency of all nodes, users first */
static float *scale;                    /* D^-1/2 */
static int chunks[2][PIECES + 1];       /* rows of users, of items, cut by work */
static float *weights, *mean, *variance;
static float *scaled;                   /* D^-1/2 E: what the first layer gathers */
static float *table[2];                 /* layers in turn */
static float *final_rows, *gradient;    /* by place; gradient holds D^-1/2 dL/dfinal */
static int *place, *listed, listed_count, *occurrences;
static int *filtered[64];               /* one a thread: a row's entries inside the batch */
static int step_count;

#define EACH for (int q = 0; q < 8; q++)

static inline Row load(const float *at) { Row r; EACH r.v[q] = _mm256_load_ps(at + 8 * q); return r; }
static inline void store(float *at, Row r) { EACH _mm256_store_ps(at + 8 * q, r.v[q]); }
static inline Row times(Row r, float f) { __m256 s = _mm256_set1_ps(f); EACH r.v[q] = _mm256_mul_ps(r.v[q], s); return r; }
static inline Row add_times(Row a, Row b, float f) { __m256 s = _mm256_set1_ps(f); EACH a.v[q] = _mm256_fmadd_ps(b.v[q], s, a.v[q]); return a; }

static inline void fetch(const float *at) {
    const char *line = (const char *)at;
    _mm_prefetch(line, _MM_HINT_T0);
    _mm_prefetch(line + 64, _MM_HINT_T0);
    _mm_prefetch(line + 128, _MM_HINT_T0);
    _mm_prefetch(line + 192, _MM_HINT_T0);
}

/* Sum of the listed rows of x. Reads AHEAD entries beyond the list, so lists are padded. */
static inline Row gather(const float *x, const int *list, int count) {
    Row sum;
    EACH sum.v[q] = _mm256_setzero_ps();
    for (int e = 0; e < count; e++) {
        fetch(x + (size_t)list[e + AHEAD] * WIDTH);
        const float *row = x + (size_t)list[e] * WIDTH;
        EACH sum.v[q] = _mm256_add_ps(sum.v[q], _mm256_load_ps(row + 8 * q));
    }
    return sum;
}

static inline Row neighbours(const float *x, int row) {
    return gather(x, indices + indptr[row], indptr[row + 1] - indptr[row]);
}

/* Sum over the neighbours that are in the batch, from the table of batch rows. */
static inline Row batch_neighbours(int row) {
    int *list = filtered[omp_get_thread_num()], count = 0;
    for (int e = indptr[row]; e < indptr[row + 1]; e++) {
        int at = place[indices[e]];
        list[count] = at;
        count += at >= 0;
    }
    for (int pad = 0; pad < AHEAD; pad++) list[count + pad] = 0;
    return gather(gradient, list, count);
}

/* One layer of one side: out = base + D^-1 A x, everything in D^-1/2-scaled form. */
static void middle_layer(int side, float *out, const float *x, int backward, int first) {
#pragma omp for schedule(dynamic, 1)
    for (int piece = 0; piece < PIECES; piece++)
        for (int row = chunks[side][piece]; row < chunks[side][piece + 1]; row++) {
            Row sum = backward && first && batch_rows ? batch_neighbours(row) : neighbours(x, row);
            Row result = times(sum, scale[row] * scale[row]);
            if (!backward) result = add_times(result, load(scaled + (size_t)row * WIDTH), 1);
            else if (!batch_rows || place[row] >= 0)
                result = add_times(result, load(gradient + (size_t)place[row] * WIDTH), 1);
            store(out + (size_t)row * WIDTH, result);
        }
}

static inline void final_row(int row, const float *x) {
    Row result = add_times(load(weights + (size_t)row * WIDTH), neighbours(x, row), scale[row]);
    store(final_rows + (size_t)place[row] * WIDTH, times(result, 1.0f / (layers + 1)));
}

static void final_layer(int side, const float *x) {
    if (batch_rows) {
#pragma omp for schedule(dynamic, 16)
        for (int at = 0; at < listed_count; at++)
            if ((listed[at] >= user_count) == side) final_row(listed[at], x);
    } else {
#pragma omp for schedule(dynamic, 1)
        for (int piece = 0; piece < PIECES; piece++)
            for (int row = chunks[side][piece]; row < chunks[side][piece + 1]; row++) final_row(row, x);
    }
}

static inline void adam_row(int row, Row g, float rate, float epsilon) {
    size_t at = (size_t)row * WIDTH;
    __m256 b1 = _mm256_set1_ps(BETA1), c1 = _mm256_set1_ps(1 - BETA1), s = _mm256_set1_ps(scale[row]);
    __m256 b2 = _mm256_set1_ps(BETA2), c2 = _mm256_set1_ps(1 - BETA2);
    EACH {
        size_t p = at + 8 * (size_t)q;
        __m256 m = _mm256_fmadd_ps(b1, _mm256_load_ps(mean + p), _mm256_mul_ps(c1, g.v[q]));
        __m256 square = _mm256_mul_ps(g.v[q], g.v[q]);
        __m256 v = _mm256_fmadd_ps(b2, _mm256_load_ps(variance + p), _mm256_mul_ps(c2, square));
        __m256 below = _mm256_add_ps(_mm256_sqrt_ps(v), _mm256_set1_ps(epsilon));
        __m256 w = _mm256_fnmadd_ps(_mm256_set1_ps(rate), _mm256_div_ps(m, below), _mm256_load_ps(weights + p));
        _mm256_stream_ps(mean + p, m);
        _mm256_stream_ps(variance + p, v);
        _mm256_store_ps(weights + p, w);
        _mm256_store_ps(scaled + p, _mm256_mul_ps(w, s));
    }
}

/* Last backward layer and Adam in one pass. */
static void update_layer(int side, const float *x, int first, float rate, float epsilon) {
#pragma omp for schedule(dynamic, 1)
    for (int piece = 0; piece < PIECES; piece++)
        for (int row = chunks[side][piece]; row < chunks[side][piece + 1]; row++) {
            Row sum = first && batch_rows ? batch_neighbours(row) : neighbours(x, row);
            Row g = times(sum, scale[row]);
            if (occurrences[row]) {
                if (scale[row] > 0) g = add_times(g, load(gradient + (size_t)place[row] * WIDTH), 1 / scale[row]);
                g = times(g, 1.0f / (layers + 1));
                g = add_times(g, load(weights + (size_t)row * WIDTH), DECAY * occurrences[row] / BATCH);
            } else g = times(g, 1.0f / (layers + 1));
            adam_row(row, g, rate, epsilon);
        }
}

static void forward(void) {
    for (int chain = 0; chain < 2; chain++) {
        const float *x = scaled;
        int side = chain;
        for (int k = 1; k < layers; k++, side ^= 1) {
            middle_layer(side, table[k & 1], x, 0, 0);
            x = table[k & 1];
        }
        final_layer(side, x);
    }
}

static void backward(float rate, float epsilon) {
    for (int chain = 0; chain < 2; chain++) {
        const float *x = gradient;
        int side = chain;
        for (int k = 1; k < layers; k++, side ^= 1) {
            middle_layer(side, table[k & 1], x, 1, k == 1);
            x = table[k & 1];
        }
        update_layer(side, x, layers == 1, rate, epsilon);
    }
}

static inline float dot(const float *a, const float *b) {
    __m256 sum = _mm256_setzero_ps();
    EACH sum = _mm256_fmadd_ps(_mm256_load_ps(a + 8 * q), _mm256_load_ps(b + 8 * q), sum);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

/* Loss of the batch, and the gradient by batch row: threads own columns, so nothing collides. */
static double score_batch(const int *users, const int *positives, const int *negatives, float *slope, double *losses) {
#pragma omp for schedule(static)
    for (int t = 0; t < BATCH; t++) {
        const float *u = final_rows + (size_t)place[users[t]] * WIDTH;
        float x = dot(u, final_rows + (size_t)place[positives[t] + user_count] * WIDTH)
                - dot(u, final_rows + (size_t)place[negatives[t] + user_count] * WIDTH);
        losses[t] = x > 0 ? log1pf(expf(-x)) : -x + log1pf(expf(x));
        slope[t] = -1.0f / (1.0f + expf(x)) / BATCH;
    }
    int width = WIDTH / omp_get_num_threads(), from = omp_get_thread_num() * width;
    if (omp_get_thread_num() == omp_get_num_threads() - 1) width = WIDTH - from;
    for (int at = 0; at < listed_count; at++)
        memset(gradient + (size_t)place[listed[at]] * WIDTH + from, 0, sizeof(float) * (size_t)width);
    for (int t = 0; t < BATCH; t++) {
        size_t a = (size_t)place[users[t]] * WIDTH, b = (size_t)place[positives[t] + user_count] * WIDTH,
               c = (size_t)place[negatives[t] + user_count] * WIDTH;
        float s = slope[t], su = s * scale[users[t]], sp = s * scale[positives[t] + user_count],
              sn = s * scale[negatives[t] + user_count];
        for (int j = from; j < from + width; j++) {
            gradient[a + j] += su * (final_rows[b + j] - final_rows[c + j]);
            gradient[b + j] += sp * final_rows[a + j];
            gradient[c + j] -= sn * final_rows[a + j];
        }
    }
#pragma omp barrier
    double sum = 0;
    for (int t = 0; t < BATCH; t++) sum += losses[t];
    return sum / BATCH;
}

static void list_rows(const int *users, const int *positives, const int *negatives) {
    for (int at = 0; at < listed_count; at++) {
        if (batch_rows) place[listed[at]] = -1;
        else memset(gradient + (size_t)listed[at] * WIDTH, 0, sizeof(Row));
        occurrences[listed[at]] = 0;
    }
    listed_count = 0;
    for (int t = 0; t < 3 * BATCH; t++) {
        int k = t % BATCH, node = t < BATCH ? users[k] : (t < 2 * BATCH ? positives[k] : negatives[k]) + user_count;
        if (!occurrences[node]++) {
            if (batch_rows) place[node] = listed_count;
            listed[listed_count++] = node;
        }
    }
}

static double train_step(const int *users, const int *positives, const int *negatives) {
    static float slope[BATCH];
    static double losses[BATCH];
    double loss = 0, penalty = 0;
    step_count++;
    float below1 = 1 - powf(BETA1, step_count), below2 = sqrtf(1 - powf(BETA2, step_count));
    list_rows(users, positives, negatives);
    for (int at = 0; at < listed_count; at++) {
        const float *row = weights + (size_t)listed[at] * WIDTH;
        penalty += (double)occurrences[listed[at]] * dot(row, row);
    }
#pragma omp parallel num_threads(threads)
    {
        forward();
        double mine = score_batch(users, positives, negatives, slope, losses);
        if (omp_get_thread_num() == 0) loss = mine;
        backward(RATE * below2 / below1, EPSILON * below2);
    }
    return loss + DECAY * 0.5 * penalty / BATCH;
}

static void build(const int *users, const int *items) {
    indptr = reserve(sizeof(int) * (size_t)(node_count + 1));
    indices = reserve(sizeof(int) * (size_t)(2 * edge_count + AHEAD));
    for (int e = 0; e < edge_count; e++) { indptr[users[e] + 1]++; indptr[items[e] + user_count + 1]++; }
    int longest = 0;
    for (int n = 0; n < node_count; n++) {
        if (indptr[n + 1] > longest) longest = indptr[n + 1];
        scale[n] = indptr[n + 1] ? 1 / sqrtf((float)indptr[n + 1]) : 0;
        indptr[n + 1] += indptr[n];
    }
    int *next = reserve(sizeof(int) * (size_t)node_count);
    memcpy(next, indptr, sizeof(int) * (size_t)node_count);
    for (int e = 0; e < edge_count; e++) {
        indices[next[users[e]]++] = items[e] + user_count;
        indices[next[items[e] + user_count]++] = users[e];
    }
    free(next);
    for (int side = 0; side < 2; side++) {
        int from = side ? user_count : 0, to = side ? node_count : user_count, row = from;
        double all = indptr[to] - indptr[from] + 4.0 * (to - from);
        for (int piece = 0; piece <= PIECES; piece++) {
            while (row < to && indptr[row] - indptr[from] + 4.0 * (row - from) < all * piece / PIECES) row++;
            chunks[side][piece] = piece == PIECES ? to : row;
        }
    }
    for (int t = 0; t < threads; t++) filtered[t] = reserve(sizeof(int) * (size_t)(longest + AHEAD + 1));
}

static uint64_t random_state = 0x9e3779b97f4a7c15ull;
static uint32_t below(uint32_t bound) {
    random_state ^= random_state << 13; random_state ^= random_state >> 7; random_state ^= random_state << 17;
    return (uint32_t)(((random_state >> 32) * bound) >> 32);
}

/* One epoch of triples: the interactions in random order, each with a negative that its user has not seen. */
static void sample_epoch(const int *users, const int *items, int *order, int *out[3]) {
    for (int e = 0; e < edge_count; e++) order[e] = e;
    for (int e = edge_count - 1; e > 0; e--) {
        int other = (int)below((uint32_t)e + 1), kept = order[e];
        order[e] = order[other]; order[other] = kept;
    }
    for (int e = 0; e < edge_count; e++) {
        int user = users[order[e]], negative, low, high;
        do {
            negative = (int)below((uint32_t)item_count);
            low = indptr[user]; high = indptr[user + 1];
            while (low < high) {
                int middle = (low + high) / 2;
                if (indices[middle] < negative + user_count) low = middle + 1; else high = middle;
            }
        } while (low < indptr[user + 1] && indices[low] == negative + user_count);
        out[0][e] = user; out[1][e] = items[order[e]]; out[2][e] = negative;
    }
}

int main(int count, char **words) {
    if (count < 2) { fprintf(stderr, "usage: %s FOLDER [--threads 2] [--batch-rows 1] [--seconds 5]\n", words[0]); return 2; }
    const char *folder = words[1];
    threads = (int)option(count, words, "--threads", 2);
    batch_rows = (int)option(count, words, "--batch-rows", 1);
    layers = (int)option(count, words, "--layers", 3);
    double seconds = option(count, words, "--seconds", 5);
    char *meta = read_file(folder, "meta.json", NULL);
    user_count = meta_integer(meta, "users");
    item_count = meta_integer(meta, "items");
    node_count = user_count + item_count;
    size_t bytes;
    int *users = read_file(folder, "train_users.bin", &bytes), *items = read_file(folder, "train_items.bin", NULL);
    edge_count = (int)(bytes / sizeof(int));
    size_t all = sizeof(float) * WIDTH * (size_t)node_count;
    size_t part = sizeof(float) * WIDTH * (size_t)(batch_rows ? 3 * BATCH : node_count);
    scale = reserve(sizeof(float) * (size_t)node_count);
    weights = read_file(folder, "initial.bin", NULL);
    mean = reserve(all); variance = reserve(all); scaled = reserve(all);
    table[0] = reserve(all); table[1] = reserve(all);
    final_rows = reserve(part); gradient = reserve(part);
    place = reserve(sizeof(int) * (size_t)node_count);
    occurrences = reserve(sizeof(int) * (size_t)node_count);
    listed = reserve(sizeof(int) * 3 * BATCH);
    build(users, items);
    for (int n = 0; n < node_count; n++) {
        place[n] = batch_rows ? -1 : n;
        for (int j = 0; j < WIDTH; j++) scaled[(size_t)n * WIDTH + j] = scale[n] * weights[(size_t)n * WIDTH + j];
    }
    int *check[3] = {read_file(folder, "check_users.bin", NULL), read_file(folder, "check_positives.bin", NULL),
                     read_file(folder, "check_negatives.bin", NULL)};
    double losses[CHECKS];
    for (int b = 0; b < CHECKS; b++)
        losses[b] = train_step(check[0] + b * BATCH, check[1] + b * BATCH, check[2] + b * BATCH);

    int steps = edge_count / BATCH, *order = reserve(sizeof(int) * (size_t)edge_count), *triples[3];
    for (int c = 0; c < 3; c++) triples[c] = reserve(sizeof(int) * (size_t)edge_count);
    double begin = now();
    sample_epoch(users, items, order, triples);
    double sampling = now() - begin;
    double *taken = reserve(sizeof(double) * (size_t)steps), sum = 0;
    int done = 0;
    while (done < steps && (sum < seconds || done < 5)) {
        begin = now();
        train_step(triples[0] + done * BATCH, triples[1] + done * BATCH, triples[2] + done * BATCH);
        sum += taken[done++] = now() - begin;
    }
    int timed = 15;
    double propagation[15];
    for (int n = 0; n < node_count && batch_rows; n++) place[n] = n;
    batch_rows = 0;
    final_rows = reserve(all);
    for (int t = 0; t < timed; t++) {
        begin = now();
#pragma omp parallel num_threads(threads)
        forward();
        propagation[t] = now() - begin;
    }
    double middle = median(taken, done);
    printf("{\"threads\":%d,\"batch\":%d,\"width\":%d,\"layers\":%d,\"stepsPerEpoch\":%d,\"steps\":%d,"
           "\"stepMs\":{\"median\":%.4f,\"min\":%.4f,\"max\":%.4f},\"propagateMs\":%.4f,"
           "\"samplingSeconds\":%.4f,\"epochSeconds\":%.4f,\"extrapolated\":%s,\"checkLosses\":[%.7f,%.7f,%.7f,%.7f],"
           "\"peakMebibytes\":%.1f,\"versions\":{\"gcc\":\"%s\"}}\n",
           threads, BATCH, WIDTH, layers, steps, done, middle * 1e3, taken[0] * 1e3, taken[done - 1] * 1e3,
           median(propagation, timed) * 1e3, sampling, sampling + sum / done * steps,
           done < steps ? "true" : "false", losses[0], losses[1], losses[2], losses[3], peak_mebibytes(), __VERSION__);
    return 0;
}
