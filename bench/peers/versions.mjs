/**
 * The peers and their exact versions. Stanch itself depends on none of them.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const PEER_VERSIONS = {
  'chrome-devtools-frontend': '1.0.1705227',
  esbuild: '0.28.2',
  memlab: '2.0.5',
};

/** Node majors whose snapshots must be read exactly, as the npm packages that carry the binary. */
export const NODE_VERSIONS = { 18: '18.20.8', 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' };
