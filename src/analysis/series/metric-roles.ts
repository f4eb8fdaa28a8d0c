/** What a metric tells about a process. Verdicts ask for roles, never for names. */
export type MetricRole =
  | 'heap-used'
  | 'heap-old'
  | 'heap-total'
  | 'heap-limit'
  | 'rss'
  | 'pss'
  | 'working-set'
  | 'usage'
  | 'page-cache'
  | 'external'
  | 'memory'
  | 'memory-share'
  | 'limit'
  | 'gc-major-count'
  | 'gc-count'
  | 'gc-time'
  | 'start-time'
  | 'uptime'
  | 'restarts'
  | 'oom-kills'
  | 'load'
  | 'concurrency'
  | 'goroutines'
  | 'listeners'
  | 'descriptors'
  | 'replicas';

interface Alias {
  readonly role: MetricRole;
  /** Against the name in lower case, words parted by underscores, unit and `_total` still there. */
  readonly name: RegExp;
  /** Only with these labels. */
  readonly labels?: Readonly<Record<string, RegExp>>;
}

/**
 * Names by which exporters call a role, the more exact first: prom-client (Node), the Go collector, prometheus_client
 * (Python), prometheus_exporter and yabeda (Ruby, Puma), cAdvisor, kube-state-metrics, OpenTelemetry, and the words that
 * people put in column heads.
 */
const ALIASES: readonly Alias[] = [
  { role: 'start-time', name: /process_start_time|container_start_time|start_time_seconds|^started_at$/ },
  { role: 'uptime', name: /uptime/ },
  { role: 'restarts', name: /restarts?(_total|_count)?$|restart_count/ },
  { role: 'oom-kills', name: /oom_(kill|event)/ },
  { role: 'heap-limit', name: /heap_limit|heap_size_limit|heap_max|go_gc_gomemlimit|go_memory_limit/ },
  { role: 'limit', name: /memory_limit|limit_(in_)?bytes|memory_max|^limit(_[kmg]i?b)?$|_limit_[kmg]i?b$/ },
  { role: 'gc-major-count', name: /major_gc|mark_sweep|gc_major|full_gc|old_gc/ },
  {
    role: 'gc-major-count',
    name: /gc_duration_seconds_count|v8js_gc_duration_count/,
    labels: { kind: /^major$/ },
  },
  {
    role: 'gc-major-count',
    name: /jvm_gc_collection_seconds_count/,
    labels: { gc: /old|marksweep|concurrent_mark|major/i },
  },
  { role: 'gc-major-count', name: /python_gc_collections/, labels: { generation: /^2$/ } },
  {
    role: 'gc-time',
    name: /gc_(duration|pause|time|collection_seconds)\w*_sum|gc_time|gc_pause|gc_cpu|gc_duration_seconds$|gc_ms$/,
  },
  { role: 'gc-count', name: /gc_(ops|count|runs|cycles|collections)|gc_\w*_(count|total)$|^num_?gc$/ },
  { role: 'heap-old', name: /heap_space_size_used|heap_space_used/, labels: { space: /^old/ } },
  { role: 'heap-used', name: /heap_space_size_used|heap_space_used/, labels: { space: /^(?!old)/ } },
  { role: 'heap-old', name: /^jvm_memory_/, labels: { id: /old|tenured/i } },
  {
    role: 'heap-used',
    name: /^jvm_memory_(bytes_used|used_(bytes|[kmg]i?b))$/,
    labels: { area: /^(?!non_?heap)/ },
  },
  { role: 'heap-old', name: /old_(space|gen)\w*(used|bytes|mb)?/ },
  {
    role: 'heap-used',
    name: /heap_size_used|heap_used|used_heap|heap_alloc|heap_inuse|heap_in_use|heap_live|live_heap|heap_live_slots|v8js_memory_heap_used|go_memory_used|^heap(_size)?(_bytes|_[kmg]i?b)?$|alloc_bytes$/,
  },
  { role: 'heap-total', name: /heap_size_total|heap_total|total_heap|heap_sys|heap_committed/ },
  { role: 'external', name: /external_memory|^external|array_?buffers/ },
  {
    role: 'page-cache',
    name: /memory_cache|page_cache|inactive_file|active_file|^cache(_[kmg]?i?b|_bytes)$/,
  },
  { role: 'memory-share', name: /mem\w*_?(percent|pct|ratio)$|mem\w*_util\w*|%_?mem|mem_?%/ },
  { role: 'working-set', name: /working_?set/ },
  { role: 'pss', name: /(^|_)pss(_|$)/ },
  { role: 'rss', name: /(^|_)rss(_|$)|resident|process_memory_usage|_memory_rss/ },
  { role: 'usage', name: /memory_usage|mem_usage|usage_in_bytes|memory_current/ },
  { role: 'memory', name: /(^|_)(mem|memory)(_|$)|_ram_|^ram|heap/ },
  { role: 'goroutines', name: /goroutines/ },
  { role: 'listeners', name: /listeners?|handlers?_(count|total)|active_handles|active_resources/ },
  { role: 'descriptors', name: /open_fds|file_desc|fd_count|^fds$/ },
  { role: 'replicas', name: /replicas|pod_count|instances$/ },
  {
    role: 'load',
    name: /requests?|(^|_)(rps|qps|tps|rpm|hits|throughput|ops|load|traffic|messages|jobs|calls|transactions)(_|$)/,
  },
  {
    role: 'concurrency',
    name: /(active|open|current|in_?flight|concurrent)_?\w*|(^|_)(connections|sessions|users|clients|sockets|threads|workers|backlog|queue)(_|$)/,
  },
];

/** Roles that hold bytes of memory, those that tell most of a leak first. */
export const MEMORY_ROLES: readonly MetricRole[] = [
  'heap-old',
  'heap-used',
  'working-set',
  'rss',
  'pss',
  'memory',
  'usage',
  'memory-share',
  'heap-total',
  'external',
];

/** What a metric is; null when its name says nothing that is known. */
export function roleOf(name: string, labels: Readonly<Record<string, string>> = {}): MetricRole | null {
  const plain = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z\d%]+/g, '_')
    .replaceAll(/^_|_$/g, '');
  for (const alias of ALIASES) {
    if (!alias.name.test(plain)) continue;
    const wanted = Object.entries(alias.labels ?? {});
    if (wanted.every(([key, value]) => value.test(labels[key] ?? ''))) return alias.role;
  }
  return null;
}
