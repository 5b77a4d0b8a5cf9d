// Arithmetic over V, which is f64 (one mapping) or v128 (two mappings, one per f64 lane).
// Both instances perform the same IEEE-754 operations in the same order, so results agree to the last bit.

// @ts-ignore: decorator
@inline
export function splat<V>(x: f64): V {
  if (isVector<V>()) return f64x2.splat(x);
  return <V>x;
}

// @ts-ignore: decorator
@inline
export function add<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.add(a, b);
  return a + b;
}

// @ts-ignore: decorator
@inline
export function sub<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.sub(a, b);
  return a - b;
}

// @ts-ignore: decorator
@inline
export function mul<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.mul(a, b);
  return a * b;
}

// @ts-ignore: decorator
@inline
export function div<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.div(a, b);
  return a / b;
}

// @ts-ignore: decorator
@inline
export function ceiling<V>(a: V): V {
  if (isVector<V>()) return f64x2.ceil(a);
  return <V>ceil<f64>(a);
}

// @ts-ignore: decorator
@inline
export function magnitude<V>(a: V): V {
  if (isVector<V>()) return f64x2.abs(a);
  return <V>abs<f64>(a);
}

// The larger and the smaller of two numbers, neither of them NaN.
// @ts-ignore: decorator
@inline
export function larger<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.pmax(a, b);
  return a < b ? b : a;
}

// @ts-ignore: decorator
@inline
export function smaller<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.pmin(a, b);
  return b < a ? b : a;
}

// +Infinity where a > b, else 0.
// @ts-ignore: decorator
@inline
export function infinityWhereGreater<V>(a: V, b: V): V {
  if (isVector<V>()) return v128.and(f64x2.gt(a, b), f64x2.splat(Infinity));
  return a > b ? Infinity : 0;
}
