import { expect, test } from 'vitest';
import { authorOfFrame, writtenIn } from './frame-author.ts';

test.each([
  ['net/http.(*conn).serve', '/usr/lib/go-1.26/src/net/http/server.go', 'standard'],
  ['net/http.(*conn).serve', 'net/http/server.go', 'standard'],
  ['sync.runtime_Semacquire', '/usr/lib/go-1.26/src/runtime/sema.go', 'standard'],
  ['vendor/golang.org/x/net/http2.f', '/usr/lib/go-1.26/src/vendor/golang.org/x/net/http2/f.go', 'standard'],
  ['panic', '/usr/lib/go-1.26/src/runtime/panic.go', 'standard'],
  ['main.main', '/srv/main.go', 'user'],
  ['internal/services/storage.(*Service).Upload', '/app/internal/services/storage/storage.go', 'user'],
  ['sync.(*Service).Watch', '/app/internal/services/sync/sync.go', 'user'],
  ['github.com/acme/app/store.Put', '/home/ci/app/store/put.go', 'user'],
  ['github.com/acme/app/store.Put', 'github.com/acme/app/store/put.go', 'user'],
  [
    'golang.org/x/sync/errgroup.(*Group).Go',
    '/root/go/pkg/mod/golang.org/x/sync@v0.7.0/errgroup/errgroup.go',
    'library',
  ],
  ['golang.org/x/sync/errgroup.(*Group).Go', 'golang.org/x/sync@v0.7.0/errgroup/errgroup.go', 'library'],
  ['github.com/lib/pq.(*conn).watch', '/srv/vendor/github.com/lib/pq/conn.go', 'library'],
  ['main.work', 'C:\\src\\main.go', 'user'],
])('%s in %s is %s', (name, file, author) => {
  expect(authorOfFrame({ function: name, file, line: 1, pcOffset: -1 })).toBe(author);
});

test.each([
  ['main.serve.func1', 'main.serve'],
  ['main.serve.func1.2', 'main.serve'],
  ['main.(*T).Run.gowrap3', 'main.(*T).Run'],
  ['main.serve.func1.gowrap2', 'main.serve'],
  ['main.serve-range1', 'main.serve'],
  ['main.serve', null],
  ['main.function1', null],
])('%s was written in %s', (name, owner) => {
  expect(writtenIn(name)).toBe(owner);
});
