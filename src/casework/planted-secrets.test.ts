import { randomBytes, randomInt } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Mask } from './mask.ts';

// A corpus that is new in each run: shapes of secrets as issuers document them, in the places where evidence has them. Made in pieces, so that no
// scanner of repositories takes them for real ones.

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const DIGITS = '0123456789';
const WORD = UPPER + LOWER + DIGITS;
const from = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function cardNumber(): string {
  const digits = [4, ...Array.from({ length: 14 }, () => randomInt(10))];
  const sum = digits.reduceRight((total, digit, at) => {
    const doubled = at % 2 === 0 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return [...digits, (10 - (sum % 10)) % 10].join('');
}

function bankAccount(): string {
  const account = from(DIGITS, 18);
  const check = 98n - (BigInt(`${account}131400`) % 97n);
  return `DE${String(check).padStart(2, '0')}${account}`;
}

/** What says by itself that it is a secret. */
const SHAPES: readonly [string, () => string][] = [
  ['AWS access key', () => `AKIA${from(`${UPPER}234567`, 16)}`],
  ['AWS temporary key', () => `ASIA${from(`${UPPER}234567`, 16)}`],
  ['AWS secret key', () => `${from(`${WORD}/+`, 39)}${from(DIGITS, 1)}`],
  ['GitHub token', () => `ghp_${from(WORD, 36)}`],
  ['GitHub fine-grained token', () => `github_pat_${from(WORD, 22)}_${from(WORD, 59)}`],
  ['GitHub server token', () => `ghs_${from(WORD, 36)}`],
  ['GitLab token', () => `glpat-${from(`${WORD}-_`, 20)}`],
  ['GitLab runner token', () => `glrt-${from(`${WORD}-_`, 20)}`],
  ['Slack bot token', () => `xoxb-${from(DIGITS, 12)}-${from(DIGITS, 12)}-${from(WORD, 24)}`],
  ['Slack webhook', () => `T${from(UPPER + DIGITS, 8)}/B${from(UPPER + DIGITS, 8)}/${from(WORD, 24)}`],
  ['Stripe key', () => `sk_live_${from(WORD, 24)}`],
  ['Stripe restricted key', () => `rk_live_${from(WORD, 24)}`],
  ['Stripe webhook secret', () => `whsec_${from(WORD, 32)}`],
  ['Google API key', () => `AIza${from(`${WORD}-_`, 35)}`],
  ['Google OAuth token', () => `ya29.${from(`${WORD}-_`, 60)}`],
  ['SendGrid key', () => `SG.${from(`${WORD}-_`, 22)}.${from(`${WORD}-_`, 43)}`],
  ['Twilio key', () => `SK${hex(16)}`],
  ['npm token', () => `npm_${from(WORD, 36)}`],
  ['PyPI token', () => `pypi-AgEIcHlwaS5vcmc${from(`${WORD}-_`, 60)}`],
  ['DigitalOcean token', () => `dop_v1_${hex(32)}`],
  ['Shopify token', () => `shpat_${hex(16)}`],
  ['Vault token', () => `hvs.${from(`${WORD}-_`, 90)}`],
  ['Telegram bot token', () => `${from(DIGITS, 10)}:AA${from(`${WORD}-_`, 33)}`],
  [
    'JWT',
    () =>
      `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: hex(4), exp: 1 })}.${from(`${WORD}-_`, 43)}`,
  ],
  [
    'PEM block',
    () =>
      `-----BEGIN EC PRIVATE KEY-----\n${from(`${WORD}/+`, 64)}\n${from(`${WORD}/+`, 64)}\n-----END EC PRIVATE KEY-----`,
  ],
  [
    'PEM block on one line',
    () => `-----BEGIN PRIVATE KEY-----\\n${from(`${WORD}/+`, 64)}\\n-----END PRIVATE KEY-----`,
  ],
  ['mail', () => `${from(LOWER, 7)}.${from(LOWER, 5)}+tag@${from(LOWER, 9)}.co.uk`],
  ['session id', () => hex(16)],
  ['UUID', () => hex(16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')],
  ['password hash', () => `$2b$12$${from(`${WORD}./`, 53)}`],
  ['card number', cardNumber],
  ['card number in groups', () => cardNumber().replace(/(.{4})(?=.)/g, '$1-')],
  ['IBAN', bankAccount],
  ['phone number', () => `+49 ${randomInt(100, 999)} ${randomInt(1_000_000, 9_999_999)}`],
];

/** Where texts stand in evidence: object strings, log lines, URLs, keys with values, class names with arguments. */
const PLACES: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `"${secret}" × 2,000`,
  (secret) => `'${secret}'`,
  (secret) => `2024-01-21T00:00:01Z INFO [worker-3] cached ${secret} for 300 s`,
  (secret) => `https://shop.example.com/reset/${secret}`,
  (secret) => `https://shop.example.com/cart?ref=${secret}&page=2`,
  (secret) => `{"level":"warn","value":"${secret}","n":3}`,
  (secret) => `Map(2000) { ${secret} => Session }`,
  (secret) => `SessionStore.sessions["${secret}"]`,
  (secret) => `<Session key=${secret} user=7>`,
  (secret) => `store → sessions → ${secret} → Buffer (12 MB)`,
];

describe('of a planted secret nothing is left', () => {
  test.each(SHAPES)('%s, in all places', (_, make) => {
    for (const place of PLACES) {
      for (let nth = 0; nth < 20; nth++) {
        const secret = make();
        const masked = new Mask().text(place(secret));
        expect(masked, place(secret)).not.toContain(secret);
        // Nor a part of it that would do.
        expect(masked, place(secret)).not.toContain(secret.slice(-12));
      }
    }
  });
});

/** What is a secret because of where it stands: even a word. */
const NAMED: readonly [string, (secret: string) => string][] = [
  ['connection string', (secret) => `postgres://app:${secret}@db-1.eu.internal:5432/shop`],
  [
    'connection string of a pool',
    (secret) => `mongodb+srv://app:${secret}@c0.example.net,c1.example.net/?w=1`,
  ],
  ['connection string without user', (secret) => `redis://:${secret}@cache:6379/0`],
  ['JDBC', (secret) => `jdbc:mysql://db:3306/shop?user=app&password=${secret}&ssl=true`],
  ['ADO.NET', (secret) => `Server=db;Database=shop;User Id=app;Password=${secret};Encrypt=true`],
  ['libpq', (secret) => `host=db dbname=shop user=app password=${secret} sslmode=require`],
  ['basic-auth URL', (secret) => `https://anna:${secret}@git.example.com/repo.git`],
  ['Bearer header', (secret) => `authorization: Bearer ${secret}`],
  ['Basic header', (secret) => `Authorization: Basic ${Buffer.from(`anna:${secret}`).toString('base64')}`],
  ['header in JSON', (secret) => `{"Authorization":"Bearer ${secret}"}`],
  ['X-Api-Key header', (secret) => `X-Api-Key: ${secret}1`],
  ['cookie', (secret) => `Cookie: theme=dark; sid=${secret}; lang=en`],
  ['Set-Cookie', (secret) => `Set-Cookie: session_id=${secret}; Path=/; HttpOnly`],
  ['environment', (secret) => `DATABASE_PASSWORD=${secret} node server.js`],
  ['Ruby hash', (secret) => `{:password=>"${secret}", :user=>"anna"}`],
  ['Ruby 3.4 hash', (secret) => `{password: "${secret}", user: "anna"}`],
  ['Python dict', (secret) => `{'api_key': '${secret}', 'n': 1}`],
  ['JSON', (secret) => `{"clientSecret":"${secret}","n":1}`],
  ['YAML', (secret) => `secret_key_base: "${secret}"`],
  ['curl', (secret) => `curl -H "X-Token: ${secret}1" -u anna:${secret} https://x.example.com`],
  ['query', (secret) => `/callback?code=${secret}&state=xyz`],
];

describe('what is a secret by its place is masked, even a word', () => {
  test.each(NAMED)('%s', (_, place) => {
    for (const secret of ['hunter22', 'Sommer2024', 'letmein-please', from(WORD, 10), from(WORD, 31)]) {
      const masked = new Mask().text(place(secret));
      expect(masked, place(secret)).not.toContain(secret);
      expect(masked).not.toContain(Buffer.from(`anna:${secret}`).toString('base64'));
    }
  });
});

describe('hosts', () => {
  const byte = (): number => randomInt(1, 255);
  const HOSTS: readonly [string, () => string][] = [
    ['IPv4', () => `${byte()}.${byte()}.${byte()}.${byte()}`],
    ['IPv6', () => `2001:db8:${hex(2)}:${hex(2)}::${hex(1)}1`],
    ['IPv6 in full', () => Array.from({ length: 8 }, () => hex(2)).join(':')],
    ['IPv4 in IPv6', () => `::ffff:${byte()}.${byte()}.${byte()}.${byte()}`],
    ['internal name', () => `db-${byte()}.eu-west-1.${from(LOWER, 6)}.internal`],
    ['cloud name', () => `ec2-${byte()}-${byte()}-${byte()}-${byte()}.compute-1.amazonaws.com`],
    ['service', () => `${from(LOWER, 8)}.${from(LOWER, 5)}.svc.cluster.local`],
    ['pod', () => `${from(LOWER, 6)}-${hex(5)}-${from('bcdfghjklmnpqrstvwxz2456789', 5)}`],
  ];
  test.each(HOSTS)('%s goes with --mask-hosts', (_, make) => {
    for (let nth = 0; nth < 20; nth++) {
      const host = make();
      const address = host.includes(':') ? `[${host}]` : host;
      for (const text of [`connect ${host} refused`, `http://${address}:8080/metrics`, `"${host}"`]) {
        expect(new Mask({ hosts: true }).text(text), text).not.toContain(host);
      }
    }
  });
});
