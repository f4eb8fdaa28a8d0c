const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A quantity of Kubernetes (`512Mi`, `1.5G`, `128974848`, `1e9`) as a number; null for what is none. */
export function parseQuantity(text: string | undefined): number | null {
  const match = /^(\d+(?:\.\d*)?|\.\d+)(?:e([+-]?\d+))?([mkMGTPE]i?|[KMGTPE]i)?$/.exec(text ?? '');
  if (!match) return null;
  const factor = FACTORS[match[3] ?? ''];
  return factor === undefined ? null : Math.round(Number(match[1]) * 10 ** Number(match[2] ?? 0) * factor);
}
