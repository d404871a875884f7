/** The value below which a part of the values lies: `quantile(times, 0.99)`. NaN of nothing. */
export function quantile(values: number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

export const median = (values: number[]) => quantile(values, 0.5);
