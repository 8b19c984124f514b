/** Element-wise kernels; a unit is one element. */

// @ts-ignore: decorator
@inline
function at(x: usize, index: i32): usize {
  return x + ((<usize>index) << 2);
}

export function fill(begin: i32, end: i32, thread: i32, out: usize, value: f32): void {
  const v = f32x4.splat(value);
  let n = begin;
  for (; n + 4 <= end; n += 4) v128.store(at(out, n), v);
  for (; n < end; n++) store<f32>(at(out, n), value);
}

/** out = a·x + b·out; b = 0 never reads out. */
export function scaleAdd(begin: i32, end: i32, thread: i32, out: usize, x: usize, a: f32, b: f32): void {
  const va = f32x4.splat(a), vb = f32x4.splat(b);
  let n = begin;
  if (b == 0) {
    for (; n + 4 <= end; n += 4) v128.store(at(out, n), f32x4.mul(va, v128.load(at(x, n))));
    for (; n < end; n++) store<f32>(at(out, n), a * load<f32>(at(x, n)));
    return;
  }
  for (; n + 4 <= end; n += 4) {
    const kept = f32x4.mul(vb, v128.load(at(out, n)));
    v128.store(at(out, n), f32x4.add(f32x4.mul(va, v128.load(at(x, n))), kept));
  }
  for (; n < end; n++) store<f32>(at(out, n), a * load<f32>(at(x, n)) + b * load<f32>(at(out, n)));
}

/** f: 0 add, 1 subtract, 2 multiply, 3 divide. */
export function binary(begin: i32, end: i32, thread: i32, f: i32, out: usize, a: usize, b: usize): void {
  let n = begin;
  for (; n + 4 <= end; n += 4) {
    const x = v128.load(at(a, n)), y = v128.load(at(b, n));
    let value: v128;
    if (f == 0) value = f32x4.add(x, y);
    else if (f == 1) value = f32x4.sub(x, y);
    else if (f == 2) value = f32x4.mul(x, y);
    else value = f32x4.div(x, y);
    v128.store(at(out, n), value);
  }
  for (; n < end; n++) {
    const x = load<f32>(at(a, n)), y = load<f32>(at(b, n));
    store<f32>(at(out, n), f == 0 ? x + y : f == 1 ? x - y : f == 2 ? x * y : x / y);
  }
}

/** out += c·a⊙b */
export function addProduct(begin: i32, end: i32, thread: i32, out: usize, a: usize, b: usize, c: f32): void {
  const vc = f32x4.splat(c);
  let n = begin;
  for (; n + 4 <= end; n += 4) {
    const product = f32x4.mul(vc, f32x4.mul(v128.load(at(a, n)), v128.load(at(b, n))));
    v128.store(at(out, n), f32x4.add(v128.load(at(out, n)), product));
  }
  for (; n < end; n++) {
    store<f32>(at(out, n), load<f32>(at(out, n)) + c * (load<f32>(at(a, n)) * load<f32>(at(b, n))));
  }
}

/** Order of `UnaryFunction` in kernels.ts. */
enum Unary {
  Relu,
  LeakyRelu,
  Sigmoid,
  Tanh,
  Softplus,
  Exp,
  Log,
  Square,
  Sqrt,
}

function sigmoid(x: f32): f32 {
  // exp of a negative number never overflows.
  const e = Mathf.exp(-Mathf.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

function apply(f: Unary, x: f32): f32 {
  switch (f) {
    case Unary.Relu: return x > 0 ? x : 0;
    case Unary.LeakyRelu: return x > 0 ? x : <f32>0.2 * x;
    case Unary.Sigmoid: return sigmoid(x);
    case Unary.Tanh: return Mathf.tanh(x);
    case Unary.Softplus: return max<f32>(x, 0) + Mathf.log1p(Mathf.exp(-Mathf.abs(x)));
    case Unary.Exp: return Mathf.exp(x);
    case Unary.Log: return Mathf.log(x);
    case Unary.Square: return x * x;
    default: return Mathf.sqrt(x);
  }
}

/** f′(x), from x and y = f(x). */
function slope(f: Unary, x: f32, y: f32): f32 {
  switch (f) {
    case Unary.Relu: return x > 0 ? 1 : 0;
    case Unary.LeakyRelu: return x > 0 ? 1 : <f32>0.2;
    case Unary.Sigmoid: return y * (1 - y);
    case Unary.Tanh: return 1 - y * y;
    case Unary.Softplus: return sigmoid(x);
    case Unary.Exp: return y;
    case Unary.Log: return 1 / x;
    case Unary.Square: return 2 * x;
    default: return <f32>0.5 / y;
  }
}

export function unary(begin: i32, end: i32, thread: i32, f: i32, out: usize, x: usize): void {
  for (let n = begin; n < end; n++) store<f32>(at(out, n), apply(<Unary>f, load<f32>(at(x, n))));
}

/** gradX += gradY ⊙ f′(x) */
export function unaryGradient(
  begin: i32, end: i32, thread: i32, f: i32, gradX: usize, gradY: usize, x: usize, y: usize,
): void {
  for (let n = begin; n < end; n++) {
    const place = at(gradX, n);
    const d = slope(<Unary>f, load<f32>(at(x, n)), load<f32>(at(y, n)));
    store<f32>(place, load<f32>(place) + load<f32>(at(gradY, n)) * d);
  }
}
