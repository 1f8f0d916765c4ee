import { useMutation } from '@tanstack/react-query';

import { api, body, idempotencyKey, type Schema } from './api';
import { showPasskey } from './passkey';
import { setMe, setSession } from './session';

/** Exchanges the person's password for a new one; every other session of theirs ends. */
export function useChangePassword(changed: () => void) {
  return useMutation({
    mutationFn: (passwords: { current: string; new: string }) =>
      body(api.POST('/v1/auth/password', { params: { header: idempotencyKey() }, body: passwords })),
    onSuccess: async (tokens) => {
      await setSession(tokens);
      changed();
    },
  });
}

/** Saves what the person decides about themselves. */
export function useChangeMe(saved: () => void) {
  return useMutation({
    mutationFn: (change: Schema['ChangeMeInputBody']) => body(api.PATCH('/v1/auth/me', { body: change })),
    onSuccess: (me) => {
      setMe(me);
      saved();
    },
  });
}

/** Shows a passkey of the person's, for a call that takes one in place of a code. */
export const passkeyAnswer = async (): Promise<unknown> =>
  showPasskey(
    (await body(api.POST('/v1/auth/fresh-factor/passkey', { params: { header: idempotencyKey() } }))).publicKey,
  );

/** Shows the second factor again, by a code, or by a passkey when there is none. */
export function useShowFactor(shown: () => void) {
  return useMutation({
    mutationFn: async (code: string | null) =>
      body(
        api.POST('/v1/auth/fresh-factor', {
          params: { header: idempotencyKey() },
          body: code === null ? { passkey: await passkeyAnswer() } : { code },
        }),
      ),
    onSuccess: shown,
  });
}
