import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, body, ifMatch, idempotencyKey, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { makePasskey } from '../../lib/passkey';
import { queryKeys } from '../../lib/query-keys';
import { toast } from '../../ui/toast';

export type User = Schema['UserView'];
export type Role = User['role'];
export type ServiceToken = Schema['ServiceTokenView'];
export type OpenSession = Schema['SessionView'];
export type AuditEntry = Schema['AuditView'];

/** What changes of a person, and what becomes of the tokens that they answer for. */
export interface UserChange {
  role?: Role;
  disabled?: boolean;
  serviceTokens?: 'end' | 'transfer';
}

/** The clinic's people, a page of them. */
export function useUsers(cursor?: string) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.users(tenant, cursor),
    queryFn: () =>
      body(api.GET('/v1/tenants/{tenant}/users', { params: { path: { tenant }, query: { limit: 50, cursor } } })),
  });
}

/** Invites a person; without a mail server the answer holds their start password. */
export function useAddUser(added: (user: User) => void) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (user: { name: string; email: string; role: Role }) =>
      body(
        api.POST('/v1/tenants/{tenant}/users', { params: { path: { tenant }, header: idempotencyKey() }, body: user }),
      ),
    onSuccess: (user) => {
      added(user);
      void queries.invalidateQueries({ queryKey: queryKeys.users(tenant) });
    },
  });
}

/** Changes what a person may do, or ends it; and gives them a new start password. */
export function useEditUser(
  user: User,
  { changed, reset: resetTo }: { changed: () => void; reset: (user: User) => void },
) {
  const tenant = useTenant();
  const queries = useQueryClient();
  const params = { path: { tenant, id: user.id }, header: ifMatch(user.version) };
  const onSettled = () => queries.invalidateQueries({ queryKey: queryKeys.users(tenant) });
  const change = useMutation({
    mutationFn: (what: UserChange) => body(api.PATCH('/v1/tenants/{tenant}/users/{id}', { params, body: what })),
    onSettled,
    onSuccess: () => {
      toast('Salvo.');
      changed();
    },
  });
  const reset = useMutation({
    mutationFn: () =>
      body(
        api.POST('/v1/tenants/{tenant}/users/{id}/password', {
          params: { ...params, header: { ...params.header, ...idempotencyKey() } },
        }),
      ),
    onSettled,
    onSuccess: resetTo,
  });
  return { change, reset };
}

/** The tokens of programs, a page of them. */
export function useServiceTokens(cursor?: string) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.serviceTokens(tenant, cursor),
    queryFn: () =>
      body(
        api.GET('/v1/tenants/{tenant}/service-tokens', { params: { path: { tenant }, query: { limit: 50, cursor } } }),
      ),
  });
}

/** Makes a token; the answer is the only one that holds it. */
export function useAddServiceToken(added: (token: ServiceToken) => void) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: { name: string; scopes: string[]; expiresInDays: number }) =>
      body(
        api.POST('/v1/tenants/{tenant}/service-tokens', {
          params: { path: { tenant }, header: idempotencyKey() },
          body: token,
        }),
      ),
    onSuccess: (token) => {
      added(token);
      void queries.invalidateQueries({ queryKey: queryKeys.serviceTokens(tenant) });
    },
  });
}

/** Ends a token for ever. */
export function useRevokeServiceToken(id: string, revoked: () => void) {
  const tenant = useTenant();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      body(api.DELETE('/v1/tenants/{tenant}/service-tokens/{id}', { params: { path: { tenant, id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.serviceTokens(tenant) }),
    onSuccess: () => {
      toast('Token revogado.');
      revoked();
    },
  });
}

/** A page of the audit trail, the newest first. */
export function useAuditTrail(cursor: string | undefined) {
  const tenant = useTenant();
  return useQuery({
    queryKey: queryKeys.audit(tenant, cursor),
    queryFn: () =>
      body(api.GET('/v1/tenants/{tenant}/audit', { params: { path: { tenant }, query: { limit: 50, cursor } } })),
  });
}

/** The person's open sessions, the last used first. */
export function useSessions() {
  return useQuery({
    queryKey: queryKeys.sessions(),
    queryFn: async () => (await body(api.GET('/v1/auth/sessions'))).data,
  });
}

/** Ends one session of the person's. */
export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE('/v1/auth/sessions/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.sessions() }),
    onSuccess: () => toast('Sessão encerrada.'),
  });
}

/** Ends every session of the person's but this one. */
export function useEndOtherSessions() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE('/v1/auth/sessions')),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.sessions() }),
    onSuccess: () => toast('Sessões encerradas.'),
  });
}

/** The person's calendar addresses, the newest first. */
export function useCalendars() {
  return useQuery({
    queryKey: queryKeys.calendars(),
    queryFn: async () => (await body(api.GET('/v1/auth/calendars'))).data,
  });
}

/** Makes an address for a calendar program; only this answer has it. */
export function useCreateCalendar() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.POST('/v1/auth/calendars', { params: { header: idempotencyKey() } })),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.calendars() }),
  });
}

/** Revokes an address. */
export function useEndCalendar() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE('/v1/auth/calendars/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.calendars() }),
    onSuccess: () => toast('Calendário revogado.'),
  });
}

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
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) =>
      body(api.POST('/v1/auth/factors/{id}/confirm', { params: { path: { id }, ...header() }, body: { code } })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: queryKeys.factors() }),
  });
}

/** Sets a passkey up: the browser makes it, and from now on it counts. */
export function useAddPasskey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ password, name }: { password: string; name?: string }) => {
      const { publicKey } = await body(api.POST('/v1/auth/passkeys', { params: header(), body: { password } }));
      const passkey = await makePasskey(publicKey);
      return body(api.POST('/v1/auth/passkeys/confirm', { params: header(), body: { name, passkey } }));
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: queryKeys.factors() }),
  });
}

/** What shows that it is the person: the password, and a code or a passkey's answer. */
export type Proof = { password: string } & ({ code: string } | { passkey: unknown });

/** Forgets an app or a passkey: every session ends, this one too. */
export function useRemoveFactor(id: string) {
  const queries = useQueryClient();
  return useMutation({
    onSettled: () => queries.removeQueries({ queryKey: queryKeys.factors() }),
    mutationFn: (asked: Proof) =>
      body(api.POST('/v1/auth/factors/{id}/remove', { params: { path: { id }, ...header() }, body: asked })),
  });
}

/** Makes ten new recovery codes. */
export function useNewRecoveryCodes() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (asked: Proof) => body(api.POST('/v1/auth/recovery-codes', { params: header(), body: asked })),
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
          params: { path: { tenant, id: user.id }, header: idempotencyKey() },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.users(tenant) }),
    onSuccess: () => {
      toast('Segundo fator redefinido.');
      done();
    },
  });
}
