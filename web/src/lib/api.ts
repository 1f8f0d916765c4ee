import createClient from 'openapi-fetch';

import type { components, paths } from './schema';
import { accessToken, renew, session } from './session';

export type Schema = components['schemas'];

/** Every call of the pages goes through here: with the token, once more after a renewal. */
async function authorised(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await send(request, await accessToken());
  if (answer.status !== 401 || session.state() === 'expired') return answer; // an expired session is the person's to begin again
  if (!(await renew())) return answer;
  return send(again, await accessToken());
}

async function send(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  try {
    return await fetch(request);
  } catch (cause) {
    throw new Failure(
      { code: 'offline', title: offline(), detail: offline(), status: 0, retryable: true, type: 'about:blank' },
      cause,
    );
  }
}

function offline(): string {
  return navigator.onLine
    ? 'Não conseguimos falar com o PataPay. Tente de novo em instantes.'
    : 'Sem internet. Suas alterações não foram enviadas.';
}

export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: authorised,
  querySerializer: { array: { style: 'form', explode: false } },
});

/** What the API said against a request, in the reader's words (RFC 9457). */
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

/** The body of a good answer; throws a Failure for any other. */
export async function body<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  const problem = (typeof error === 'object' && error ? error : {}) as Partial<Schema['Problem']>;
  const told = {
    status: response.status,
    code: 'http_' + response.status,
    title: 'O PataPay não respondeu como devia.',
    retryable: response.status >= 500,
    type: 'about:blank',
    ...problem,
  };
  throw new Failure(told, undefined, Number(response.headers.get('Retry-After') ?? 0));
}

/** If-Match for what was read as `version`. */
export const ifMatch = (version: number) => ({ 'If-Match': `"${version}"` });

/** Names one press of a button, so that the same request sent twice is done once. */
export const once = () => ({ 'Idempotency-Key': crypto.randomUUID() });
