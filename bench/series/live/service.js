// A small service: sessions that come and go, responses that are made and thrown away; with `leak` some of it stays.
const leaks = process.argv[2] === 'leak';
const seconds = Number(process.argv[3]);
const sessions = new Map();
const kept = [];
let id = 0;
const started = Date.now();
setInterval(() => {
  for (let call = 0; call < 12; call++) {
    id++;
    const rows = Array.from({ length: 150 }, (_, row) => ({
      id: id * 1000 + row,
      name: `row ${row}`,
      tags: [row],
    }));
    const text = JSON.stringify(rows);
    sessions.set(id, { rows: rows.slice(0, 20), at: Date.now() });
    if (sessions.size > 1500) sessions.delete(id - 1500);
    if (leaks && call === 0) kept.push(text.slice(0, 4000).split(','));
  }
}, 10);
setInterval(() => {
  const { heapUsed, rss } = process.memoryUsage();
  process.stdout.write(`${Date.now()} ${heapUsed} ${rss}\n`);
  if (Date.now() - started > seconds * 1000) process.exit(0);
}, 100);
