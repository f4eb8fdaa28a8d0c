import { isIPv6 } from 'node:net';
import { isBankAccount, isCardNumber, looksRandom, randomRuns } from './randomness.ts';

export interface MaskOptions {
  /** Hosts, addresses and pods too. */
  hosts?: boolean;
  /** Further words, as they are. */
  words?: readonly string[];
  /** Never masked: hashes that the case itself is held together by. */
  keep?: ReadonlySet<string>;
}

type Replace = (text: string) => string;

/** Fields of a case and a diagnosis that Stanch made itself and that must stay for the case to be of use. */
const OWN_FIELDS = new Set([
  ...['sha256', 'signature', 'signatures', 'hash', 'prev', 'commit', 'schema', 'leftOut', 'docs'],
  ...['at', 'recordedAt', 'createdAt', 'takenAt', 'kind', 'format', 'verdict', 'pattern', 'role', 'label'],
]);

/**
 * Takes secrets out of texts. Each gets a name (`mail-1`, `host-2`) that is the same wherever it occurs, so that a reader still sees what belongs
 * together. It goes by shape: what looks like any other word is not found, and can be named (`words`).
 */
export class Mask {
  /** Different texts that were masked. */
  get count(): number {
    return this.names.size;
  }
  private readonly names = new Map<string, string>();
  private readonly counts = new Map<string, number>();
  private readonly steps: readonly Replace[];

  constructor({ hosts = false, words = [], keep = new Set() }: MaskOptions = {}) {
    const given = [...words].filter((word) => word !== '').sort((a, b) => b.length - a.length);
    this.steps = [
      ...given.map(
        (word): Replace =>
          (text) =>
            text.replaceAll(word, () => this.nameOf('word', word)),
      ),
      ...this.secrets(),
      ...this.addresses(hosts),
      this.random(keep),
    ];
  }

  text(text: string): string {
    return this.steps.reduce((masked, step) => step(masked), text);
  }

  /** Every text of a JSON value, apart from the fields that hold the case together. */
  value<T>(value: T): T {
    if (typeof value === 'string') return this.text(value) as T;
    if (Array.isArray(value)) return value.map((each) => this.value(each)) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, OWN_FIELDS.has(key) ? each : this.value(each)]),
    ) as T;
  }

  private nameOf(kind: string, original: string): string {
    const key = `${kind} ${original}`;
    const known = this.names.get(key);
    if (known !== undefined) return known;
    const nth = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, nth);
    const name = `${kind}-${nth}`;
    this.names.set(key, name);
    return name;
  }

  private named(kind: string, pattern: RegExp): Replace {
    return (text) => text.replace(pattern, (match) => this.nameOf(kind, match));
  }

  private secrets(): Replace[] {
    const value =
      (pattern: RegExp): Replace =>
      (text) =>
        text.replace(pattern, (whole, before: string, secret: string) =>
          /^secret-\d+$/.test(secret) ? whole : `${before}${this.nameOf('secret', secret)}`,
        );
    return [
      this.named(
        'secret',
        /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
      ),
      this.named('secret', /\beyJ[\w-]{6,}(?:\.[\w-]*){1,4}/g),
      this.named('secret', KNOWN_KEYS),
      this.named('secret', KNOWN_FORMS),
      this.named('phone', /(?<![\w.])\+\d{1,3}(?:[ ()-]{1,2}\d{2,8}){2,5}\b/g),
      value(/(\b(?:Bearer|Basic|Digest)\s+)([\w.~+/=-]{6,})/gi),
      value(NAMED_VALUE),
      value(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)([^\s/@"'<>]+)(?=@)/gi),
      value(/(\s(?:-u|--user)(?:\s+|=)["']?[^\s:"']+:)([^\s"']+)/g),
      // What follows ? in an address: the names stay.
      value(/([?&][\w.[\]-]+=)([^\s&#"'<>]+)/g),
      (text) =>
        text.replace(/\b\d(?:[ -]?\d){12,18}\b/g, (match) =>
          isCardNumber(match) ? this.nameOf('secret', match) : match,
        ),
      (text) =>
        text.replace(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, (match) =>
          isBankAccount(match) ? this.nameOf('secret', match) : match,
        ),
    ];
  }

  private addresses(hosts: boolean): Replace[] {
    const folder: Replace = (text) =>
      text.replace(
        /([/\\](?:home|Users)[/\\])([^/\\\s"':]+)/g,
        (_, before: string, user: string) => `${before}${this.nameOf('user', user)}`,
      );
    const host =
      (pattern: RegExp): Replace =>
      (text) =>
        text.replace(pattern, (whole, before: string, name: string) =>
          /^(?:host|secret)-\d+$/.test(name) ? whole : `${before}${this.nameOf('host', name)}`,
        );
    const always = [
      this.named('mail', /[\w.+-]{1,64}(?:@|%40)(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,}\b/gi),
      folder,
    ];
    if (!hosts) return always;
    return [
      ...always,
      host(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/(?:[^\s/@"'<>]*@)?)(\[[0-9a-f:.]+\]|[^\s/:?#"'<>[\]]+)/gi),
      this.named(
        'ip',
        /(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)/g,
      ),
      (text) =>
        text.replace(/(?<![\w:])[0-9a-fA-F:]{3,39}(?![\w:])/g, (match) =>
          /\d/.test(match) && match.includes(':') && isIPv6(match) ? this.nameOf('ip', match) : match,
        ),
      this.named('host', HOST_NAME),
      this.named('host', POD_NAME),
      this.named('host', /\bip-\d{1,3}(?:-\d{1,3}){3}\b/g),
      host(/(\b(?:host|hostname|node|pod|instance|server|nodename)\s*[=:]\s*["']?)([\w.-]+)/gi),
    ];
  }

  private random(keep: ReadonlySet<string>): Replace {
    // Base64 has slashes, and so have paths: what lies between them tells.
    const withSlashes: Replace = (text) =>
      text.replace(/[A-Za-z0-9+/]{32,}={0,2}/g, (match) => {
        const own = match.split('/').some((part) => keep.has(part));
        return (own ? [] : randomRuns(match)).reduce(
          (masked, secret) => masked.replace(secret, () => this.nameOf('secret', secret)),
          match,
        );
      });
    return (text) =>
      withSlashes(text).replace(/[A-Za-z0-9_+-]{16,}={0,2}/g, (match) =>
        keep.has(match) || POD_NAME_ONLY.test(match) || !looksRandom(match)
          ? match
          : this.nameOf('secret', match),
      );
  }
}

/** Keys that say by their beginning what they are. */
const KNOWN_KEYS =
  /\b(?:(?:AKIA|ASIA|AROA)[A-Z0-9]{12,}|(?:gh[pousr]_|github_pat_|gl(?:pat|rt|ptt|dt|cbt|soat|ft|imt|agent|oas)-|hv[sbr]\.|xox[abeoprs]-|xapp-|[srp]k[-_](?:live|test|ant|proj)[-_]|sk-|whsec_|AIza|ya29\.|npm_|pypi-|hf_|SG\.|shp(?:at|ca|pa|ss)_|dop_v1_|dckr_pat_|lin_api_|AGE-SECRET-KEY-)[\w.-]{8,})/g;

/** Keys of several parts, and hashes of passwords. */
const KNOWN_FORMS =
  /\bT[A-Z0-9]{8,}\/B[A-Z0-9]{8,}\/[A-Za-z0-9]{20,}|\b(?:SK|AC)[0-9a-f]{32}\b|\b\d{8,10}:AA[\w-]{33}|\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}|\$(?:argon2(?:id|i|d)|scrypt|pbkdf2[\w-]*|[156]|y|gy)\$[^\s"'<>]{8,}/g;

/** `password=…`, `"api_key": "…"`: behind a colon only what is no word, since code and prose have colons too. */
const NAMED_VALUE =
  /(\b[\w-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret(?:[-_]?key(?:[-_]?base)?)?|token|api[-_]?key|access[-_]?key|private[-_]?key|credential|session[-_]?id|sid|cookie|authorization|csrf)s?["']?\s*(?:=>|=|:(?=\s*["']|\s*\S*\d))\s*["']?)((?![({[])[^\s"'&;,)}\]]{3,})/gi;

/** Names of hosts by their last part; two-part names of short endings are as often code (`socket.io`, `process.env`). */
const HOST_NAME =
  /(?<![\w./@-])(?:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|net|org|edu|gov|info|biz|internal|intranet|local|localdomain|lan|corp|home|cluster\.local|svc|amazonaws\.com)|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.){2,}(?:io|dev|app|cloud|ai|co|tech|uk|de|fr|eu|us|nl|ch|at|se|jp|cn|in|br|au|ca|it|es|pl))(?![\w-])/gi;

/** Pods of a Deployment: name, hash of the template, five signs; those of a StatefulSet look like any word. */
const POD_NAME = /\b[a-z][a-z0-9-]{0,60}-[a-f0-9]{7,10}-[a-z0-9]{5}\b/g;
const POD_NAME_ONLY = new RegExp(`^${POD_NAME.source}$`);
