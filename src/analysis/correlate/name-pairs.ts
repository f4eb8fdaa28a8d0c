/** What a counter's name says of the life of a thing. */
export type NameRole = 'opened' | 'closed' | 'active' | null;

/** A name taken apart: its role, and what it counts. */
export interface CountedName {
  readonly name: string;
  readonly role: NameRole;
  /** The word that gave the role, as a stem: `connect`, `remove`. */
  readonly verb: string;
  /** Singular, lower case, without role, unit and filler words. */
  readonly subject: readonly string[];
}

/** Opening stems with the closings that answer them. Stems are beginnings of words. */
const PAIRS: readonly (readonly [open: RegExp, close: RegExp])[] = [
  [/^connect|^connection|^conn$/, /^disconnect|^clos|^drop/],
  [/^open/, /^clos/],
  [/^creat/, /^releas|^destroy|^delet|^remov|^dispos|^closed|^finaliz/],
  [/^start|^began|^begin|^begun|^launch/, /^complet|^finish|^end|^done|^stop|^succeed|^fail|^cancel/],
  [/^initiat|^init$/, /^complet|^finish|^end|^done|^abort|^cancel|^terminat/],
  [/^add|^insert|^put/, /^remov|^delet|^evict|^cleanup|^cleaned/],
  [/^acquir|^checkout|^borrow|^lease/, /^releas|^return|^checkin|^freed/],
  [/^alloc/, /^free|^dealloc|^releas/],
  [/^subscrib|^subscription/, /^unsubscrib/],
  [/^register|^registr/, /^unregister|^deregister|^unregistr/],
  [/^attach|^mount|^bind|^bound/, /^detach|^unmount|^unbind|^unbound/],
  [/^join|^enter/, /^left|^leav|^exit/],
  [/^spawn|^fork/, /^exit|^reap|^terminat|^kill/],
  [
    /^enqueu|^push|^produc|^submit|^publish|^sent|^request/,
    /^dequeu|^pop|^consum|^process|^complet|^acked|^respon/,
  ],
  [/^login|^signin/, /^logout|^signout/],
  [/^accept/, /^clos|^reject|^disconnect/],
  [/^lock/, /^unlock/],
];
const ACTIVE = /^(?:active|current|open|live|alive|inflight|pending|inuse|in|outstanding|concurrent|now)$/;
const FILLER = new Set([
  'total',
  'count',
  'number',
  'num',
  'of',
  'the',
  'per',
  'sum',
  'counter',
  'gauge',
  'operation',
  'event',
]);

/** Takes a metric's name or a few words apart: `socket.listener.removed`, `uploadsInitiated`, "Chunked uploads completed". */
export function countedName(name: string): CountedName {
  const words = wordsOf(name);
  let role: NameRole = null;
  let verb = '';
  // The verb stands last in names ("uploads initiated"); a noun that is also a stem ("connection") only counts where nothing else does.
  for (const pick of [isClosing, isOpening]) {
    const at = words.findLastIndex(
      (word) => pick(word) && !(word.startsWith('connection') || word.startsWith('subscription')),
    );
    if (at === -1) continue;
    role = pick === isClosing ? 'closed' : 'opened';
    verb = words[at]!;
    words.splice(at, 1);
    break;
  }
  const active = words.findIndex((word) => ACTIVE.test(word));
  if (role !== 'closed' && active !== -1 && (role === null || /^open/.test(verb))) {
    role = 'active';
    words.splice(active, 1);
  }
  if (role === null && words.some((word) => word === 'total' || word === 'created')) {
    const noun = words.findIndex((word) => isOpening(word));
    if (noun !== -1) {
      role = 'opened';
      verb = words[noun]!;
    }
  }
  return { name, role, verb, subject: words.filter((word) => !FILLER.has(word)).map(subjectStem) };
}

/** True when `closed` ends what `opened` begins. */
export function areOpposites(opened: CountedName, closed: CountedName): boolean {
  if (opened.role !== 'opened' || closed.role !== 'closed') return false;
  if (!PAIRS.some(([open, close]) => open.test(opened.verb) && close.test(closed.verb))) return false;
  return aboutTheSame(opened, closed);
}

/** True when two names count the same kind of thing, as far as their words tell. */
export function aboutTheSame(a: CountedName, b: CountedName): boolean {
  const [few, many] = a.subject.length <= b.subject.length ? [a, b] : [b, a];
  const words = new Set(many.subject);
  // A verb in one is the noun in the other: "connection.total" against "disconnect.total".
  if (/^conn/.test(many.verb) || /^disconn/.test(many.verb)) words.add('connection');
  if (few.subject.length === 0) return many.subject.length <= 1;
  return few.subject.every((word) => words.has(word) || (word === 'connection' && /conn/.test(many.verb)));
}

function isOpening(word: string): boolean {
  return PAIRS.some(([open]) => open.test(word)) && !isClosing(word);
}

function isClosing(word: string): boolean {
  return PAIRS.some(([, close]) => close.test(word));
}

export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '' && !/^\d+$/.test(word));
}

function subjectStem(word: string): string {
  if (/^conn(?:ection)?s?$|^connects?$/.test(word)) return 'connection';
  return word.length > 3 && word.endsWith('s') && !/(?:ss|us|is)$/.test(word) ? word.slice(0, -1) : word;
}
