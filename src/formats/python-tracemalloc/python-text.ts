const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Text as Python pickles it: UTF-8 in which lone surrogates are written too (`surrogatepass`), since names of files that are
 * not UTF-8 contain them. Null when the bytes are not even that.
 */
export function pythonText(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return withSurrogates(bytes);
  }
}

/** Cuts the text at the three-byte forms of surrogates (ED A0 80 to ED BF BF), which the decoder refuses. */
function withSurrogates(bytes: Uint8Array): string | null {
  let text = '';
  let from = 0;
  try {
    for (let at = 0; at + 2 < bytes.length; at++) {
      if (bytes[at] !== 0xed || bytes[at + 1]! < 0xa0 || bytes[at + 1]! > 0xbf) continue;
      if ((bytes[at + 2]! & 0xc0) !== 0x80) return null;
      text += strict.decode(bytes.subarray(from, at));
      text += String.fromCharCode(0xd000 | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f));
      at += 2;
      from = at + 1;
    }
    return text + strict.decode(bytes.subarray(from));
  } catch {
    return null;
  }
}

/** Order of two texts as Python has it: by code points, not by UTF-16 units. */
export function comparePythonText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    if (a.charCodeAt(at) === b.charCodeAt(at)) continue;
    // In the second half of a pair the code point begins one unit earlier.
    const first = at > 0 && (isPair(a, at - 1) || isPair(b, at - 1)) ? at - 1 : at;
    return a.codePointAt(first)! - b.codePointAt(first)!;
  }
  return a.length - b.length;
}

function isPair(text: string, at: number): boolean {
  return text.codePointAt(at)! > 0xffff;
}
