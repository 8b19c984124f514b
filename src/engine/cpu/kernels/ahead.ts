/** Rows brought into the cache before they are read. */

/**
 * How many neighbours ahead a row is touched. WebAssembly has no prefetch, but a
 * load whose value nobody waits for brings the line all the same. The array of
 * neighbours is that much longer than its entries.
 */
export const ahead: usize = 16 * 4;

/**
 * The first byte of the row that comes `ahead`; `seen` keeps the load alive. A byte,
 * because V8 makes two loads of a wider one that it joins with the `or`.
 */
@inline
export function touch(seen: i32, columns: usize, x: usize, stride: usize): i32 {
  return seen | <i32>load<u8>(x + <usize>load<i32>(columns, ahead) * stride);
}
