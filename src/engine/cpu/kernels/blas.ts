/** OpenBLAS's single-precision product, row-major, on this thread. Flags are 1 to transpose. */
@external("blas", "sgemm")
export declare function sgemm(
  transposeA: i32, transposeB: i32, rows: i32, columns: i32, inner: i32,
  alpha: f32, a: usize, strideA: i32, b: usize, strideB: i32,
  beta: f32, c: usize, strideC: i32,
): void;
