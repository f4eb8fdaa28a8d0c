import type { GoFrame } from '../../model/goroutines.ts';

/** `storage.(*Service).Upload` for `cloudvault/internal/services/storage.(*Service).Upload`. */
export function shortFunction(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** `storage.go:69`. */
export function shortPlace({ file, line }: Pick<GoFrame, 'file' | 'line'>): string {
  return `${file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)}:${line}`;
}
