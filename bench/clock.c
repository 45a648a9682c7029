/*
 * Clocks for the benchmark, of this backend's processor: what else runs on the machine lengthens processor time far less
 * than the time on the wall.
 */
#include "postgres.h"

#include <time.h>

#include "fmgr.h"
#include "funcapi.h"
#include "nodes/execnodes.h"

PG_MODULE_MAGIC;

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec * 1e-9;
}

/* bench_cpu_seconds() double precision: used so far. */
PG_FUNCTION_INFO_V1(bench_cpu_seconds);

Datum
bench_cpu_seconds(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(cpu_seconds());
}

/*
 * bench_call_seconds(function regprocedure) double precision: of one call without arguments, and nothing around it. As for a
 * function in FROM, the row type of the result is known before.
 */
PG_FUNCTION_INFO_V1(bench_call_seconds);

Datum
bench_call_seconds(PG_FUNCTION_ARGS)
{
	LOCAL_FCINFO(call, 0);
	FmgrInfo	function;
	ReturnSetInfo result = {.type = T_ReturnSetInfo};
	double		start;

	fmgr_info(PG_GETARG_OID(0), &function);
	InitFunctionCallInfoData(*call, &function, 0, InvalidOid, NULL, NULL);
	if (get_call_result_type(call, NULL, &result.expectedDesc) == TYPEFUNC_COMPOSITE)
		call->resultinfo = (Node *) &result;
	(void) cpu_seconds();
	start = cpu_seconds();
	(void) FunctionCallInvoke(call);
	PG_RETURN_FLOAT8(cpu_seconds() - start);
}
