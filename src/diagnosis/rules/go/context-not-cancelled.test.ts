import { expect, test } from 'vitest';
import { diagnoseCode } from '../../go/testing/diagnose-code.ts';

const WATCH = `	go func() { //go
		for {
			select { //wait
			case <-time.After(time.Second):
				s.poll()
			case <-ctx.Done():
				return
			}
		}
	}()
}`;

const leaks = [
  {
    name: 'context.Background',
    code: `func (s *Service) Start() {\n\tctx := context.Background()\n${WATCH}`,
  },
  {
    name: 'a cancel function that is thrown away',
    code: `func (s *Service) Start(r *http.Request) {\n\tctx, _ := context.WithCancel(r.Context())\n${WATCH}`,
  },
  {
    name: 'a cancel function that is never called',
    code: `func (s *Service) Start(r *http.Request) {\n\tctx, cancel := context.WithCancel(r.Context())\n\t_ = cancel\n${WATCH}`,
  },
  {
    name: 'a caller that passes context.TODO',
    code: `func (s *Service) Start(ctx context.Context) {\n${WATCH}\nfunc (s *Service) Handle() { s.Start(context.TODO()) }`,
  },
];

test.each(leaks)('leaks: $name', async ({ code }) => {
  const { verdict, findings } = await diagnoseCode(code, 'select');
  expect(verdict).toBe('leak');
  expect(findings).toMatchObject([{ pattern: 'context-not-cancelled' }]);
  expect(findings[0]!.alsoSee).toContainEqual(expect.objectContaining({ role: 'should-remove' }));
});

const clean = [
  {
    name: 'the context of the request',
    code: `func (s *Service) Start(ctx context.Context) {\n${WATCH}\nfunc (s *Service) Handle(r *http.Request) { s.Start(r.Context()) }`,
  },
  {
    name: 'a cancel function that is deferred',
    code: `func (s *Service) Start(r *http.Request) {\n\tctx, cancel := context.WithCancel(r.Context())\n\tdefer cancel()\n${WATCH}`,
  },
];

test.each(clean)('clean: $name', async ({ code }) => {
  const { verdict, findings } = await diagnoseCode(code, 'select');
  expect(verdict).not.toBe('leak');
  expect(findings.map(({ pattern }) => pattern)).not.toContain('context-not-cancelled');
});
