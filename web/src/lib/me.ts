import { useMutation } from '@tanstack/react-query';

import { api, body, idempotencyKey, type Schema } from './api';
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
