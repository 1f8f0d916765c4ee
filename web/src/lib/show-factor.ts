import { useMutation } from '@tanstack/react-query';

import { api, body, idempotencyKey } from './api';
import { showPasskey } from './passkey';

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
