/** What stands at 0x80 to 0x9F; Node.js decodes these as Latin-1 controls in some releases. https://encoding.spec.whatwg.org/index-windows-1252.txt */
const UPPER = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** A text in Windows-1252: every byte is a character. */
export function fromWindows1252(bytes: Uint8Array): string {
  // Where the release is right there is nothing left to replace.
  return new TextDecoder('windows-1252')
    .decode(bytes)
    .replace(/[\u0080-\u009f]/g, (control) => UPPER[control.charCodeAt(0) - 0x80]!);
}
