/**
 * Reads `/metrics`, in which every series carries the worker that it belongs to.
 *
 * @param {string} url of the service
 * @returns {Promise<Map<number, Record<string, number>>>} series by worker pid, without their labels
 */
export async function readMetrics(url) {
  const response = await fetch(new URL('/metrics', url), { headers: { connection: 'close' } });
  if (!response.ok) throw new Error(`The service answered ${response.status} to /metrics`);
  const workers = new Map();
  for (const line of (await response.text()).split('\n')) {
    const [, name, pid, value] = /^(\w+)\{[^}]*pid="(\d+)"[^}]*\} (\S+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const series = workers.get(Number(pid)) ?? {};
    workers.set(Number(pid), series);
    series[name] = Number(value);
  }
  return workers;
}
