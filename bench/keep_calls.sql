-- The planner replaces a call of a scalar by its value. Where calls are to be measured, the functions are VOLATILE, which it leaves
-- alone: \set volatility VOLATILE, and STABLE to undo it.
SELECT format('ALTER FUNCTION %s %s', oid::regprocedure, :'volatility') FROM pg_proc
WHERE prosupport = 'ssl_support(internal)'::regprocedure \gexec
