import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, body, idempotencyKey, ifMatch, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { queryKeys } from '../../lib/query-keys';
import { toast } from '../../ui/toast';
import type { User } from './queries';

export type NewFactor = Schema['BeginFactorOutputBody'];

const header = () => ({ header: idempotencyKey() });

/** The person's authenticator apps, and how many recovery codes are left. */
export function useFactors() {
  return useQuery({ queryKey: queryKeys.factors(), queryFn: () => body(api.GET('/v1/auth/factors')) });
}

/** Begins to set an app up; its secret is in the answer only. */
export function useBeginFactor() {
  return useMutation({
    mutationFn: (asked: { password: string; name?: string }) =>
      body(api.POST('/v1/auth/factors', { params: header(), body: asked })),
  });
}

/** Makes an app count by its first code. */
export function useConfirmFactor(id: string) {
  return useMutation({
    mutationFn: (code: string) =>
      body(api.POST('/v1/auth/factors/{id}/confirm', { params: { path: { id }, ...header() }, body: { code } })),
  });
}

/** Forgets an app: every session ends, this one too. */
export function useRemoveFactor(id: string) {
  return useMutation({
    mutationFn: (asked: { password: string; code: string }) =>
      body(api.POST('/v1/auth/factors/{id}/remove', { params: { path: { id }, ...header() }, body: asked })),
  });
}

/** Makes ten new recovery codes. */
export function useNewRecoveryCodes() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (asked: { password: string; code: string }) =>
      body(api.POST('/v1/auth/recovery-codes', { params: header(), body: asked })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: queryKeys.factors() }),
  });
}

/** Whether everybody of the clinic must have a second factor. */
export function useFactorRule() {
  const tenant = useTenant();
  const queries = useQueryClient();
  const queryKey = queryKeys.factorRule(tenant);
  const rule = useQuery({
    queryKey,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/factor-rule', { params: { path: { tenant } } })),
  });
  const save = useMutation({
    mutationFn: (required: boolean) =>
      body(api.PUT('/v1/tenants/{tenant}/factor-rule', { params: { path: { tenant } }, body: { required } })),
    onSuccess: (saved) => {
      queries.setQueryData(queryKey, saved);
      toast('Salvo.');
    },
  });
  return { rule, save };
}

/** Forgets the second factor of somebody who lost it. */
export function useResetFactor(user: User, done: () => void) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (_: undefined) =>
      body(
        api.POST('/v1/tenants/{tenant}/users/{id}/factor-reset', {
          params: { path: { tenant, id: user.id }, header: { ...ifMatch(user.version), ...idempotencyKey() } },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.users(tenant) }),
    onSuccess: () => {
      toast('Segundo fator redefinido.');
      done();
    },
  });
}
