/** Who wrote a file of code. */
export type Authorship = 'user' | 'library' | 'runtime';

const LIBRARY =
  /(?:^|[\\/])(?:node_modules|site-packages|dist-packages|gems|bundler[\\/]gems|rubygems-integration)[\\/]|^\/usr\/share\/(?:rails|ruby)|\/usr\/lib\/ruby\/vendor_ruby\//;
const RUNTIME =
  /^(?:node:|internal\/|evalmachine|<anonymous>|<internal:|<frozen |<string>|chrome-extension:|extensions::|v8\/)|[\\/]lib[\\/]ruby[\\/](?:\d|site_ruby[\\/]\d)|[\\/]lib(?:64)?[\\/]python\d/;

/** Told by the path: folders of packages are libraries, those of the runtime's own library the runtime. */
export function authorOf(file: string | null): Authorship {
  if (file === null || file === '') return 'runtime';
  if (LIBRARY.test(file)) return 'library';
  return RUNTIME.test(file) ? 'runtime' : 'user';
}

/** The last folders of a path: enough for a reader to know it. */
export function shortFile(file: string): string {
  return file.split(/[\\/]/).slice(-3).join('/');
}
