import createClient from 'openapi-fetch';

import type { components, paths } from './schema';
import { freshFactor } from './fresh-factor';
import { accessToken, renew, session } from './session';
import { visit } from './visit';

export type Schema = components['schemas'];

/** Sends every call of the pages with the token, and once more after a renewal when it was refused. */
async function authorised(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await withFactor(request);
  // A session that expired is begun again by the person, not by a renewal.
  if (answer.status !== 401 || session.state() === 'expired') return answer;
  if (!(await renew())) return answer;
  return withFactor(again);
}

/** Sends a call, and once more after the person showed their second factor, if it asks for one that is fresh. */
async function withFactor(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await send(request, await accessToken());
  if (answer.status !== 403 || !(await asksForFactor(answer.clone()))) return answer;
  return (await freshFactor.ask()) ? send(again, await accessToken()) : answer;
}

async function asksForFactor(answer: Response): Promise<boolean> {
  const said = (await answer.json().catch(() => ({}))) as { code?: string };
  if (said.code === 'visit_over') visit.end();
  return said.code === 'fresh_factor_required';
}

async function send(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  const seen = visit.current();
  if (seen && new URL(request.url).pathname.startsWith('/v1/tenants/')) {
    if (request.method !== 'GET') throw new Failure(readOnly);
    request.headers.set('X-Access-Visit', seen.id);
  }
  try {
    return await fetch(request);
  } catch (cause) {
    const title = offline(request.method !== 'GET');
    throw new Failure(
      { code: 'offline', title, detail: title, status: 0, retryable: true, type: 'about:blank' },
      cause,
    );
  }
}

/** What every change is answered while an operator sees a clinic's pages. */
const readOnly: Schema['Problem'] = {
  code: 'read_only',
  title: 'Você só pode olhar.',
  detail: 'Quem vê como a clínica não muda nada.',
  status: 403,
  retryable: false,
  type: 'about:blank',
};

/** Why nothing was answered; only who changed something reads that it was not sent. */
function offline(changes: boolean): string {
  if (navigator.onLine) return 'Não conseguimos falar com o PataPay. Tente de novo em instantes.';
  return changes
    ? 'Sem internet. Suas alterações não foram enviadas.'
    : 'Sem internet. Esta página volta quando ela voltar.';
}

export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: authorised,
  querySerializer: { array: { style: 'form', explode: false } },
});

/** A request that the API refused, with its problem in the reader's words (RFC 9457). */
export class Failure extends Error {
  constructor(
    readonly problem: Schema['Problem'],
    cause?: unknown,
    readonly retryAfter = 0, // seconds
  ) {
    super(problem.detail ?? problem.title, { cause });
  }

  /** The message about one place of the request, such as /apiKey. */
  about(pointer: string) {
    return this.problem.errors?.find((e) => e.pointer === pointer);
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Returns the body of a good answer, and throws a Failure for any other. */
export async function body<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  const said = (typeof error === 'object' && error ? error : {}) as Partial<Schema['Problem']>;
  const problem: Schema['Problem'] = {
    status: response.status,
    code: 'http_' + response.status,
    title: 'O PataPay não respondeu como devia.',
    retryable: response.status >= 500,
    type: 'about:blank',
    ...said,
  };
  throw new Failure(problem, undefined, Number(response.headers.get('Retry-After') ?? 0));
}

/** The If-Match header for an object that was read as `version`. */
export const ifMatch = (version: number) => ({ 'If-Match': `"${version}"` });

/** The header that names one press of a button, so that a request that is sent twice is done once. */
export const idempotencyKey = () => ({ 'Idempotency-Key': crypto.randomUUID() });
