import { walk } from './walk.ts';

await walk({ heading: 'CloudVault', lab: 'cloudvault', named: ['storage.go:67', 'sync.go:213', /fixed/] });
