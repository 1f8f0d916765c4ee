import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

/** Drops what was read of a clinic once its pages are left. */
export function useForgetClinic(tenant: string): void {
  const queries = useQueryClient();
  useEffect(() => () => queries.removeQueries({ predicate: (q) => q.queryKey.includes(tenant) }), [queries, tenant]);
}
