// Converts fixed-point values as Accellera's SystemC does. One case a line on standard input:
//   src_signed src_bits src_integer_bits dst_signed dst_bits dst_integer_bits rounding overflow n src_raw
// (modes by SystemC's number, raw as a signed integer); the target's raw bits, unsigned, on standard output.
#define SC_INCLUDE_FX
#include <cmath>
#include <cstdio>
#include <systemc>

template <class Target, class Source>
static unsigned long long convert(const Source& source, int bits, int integer, int q, int o, int n) {
  Target target(bits, integer, static_cast<sc_dt::sc_q_mode>(q), static_cast<sc_dt::sc_o_mode>(o), n);
  target = source;
  unsigned long long raw = 0;
  for (int i = 0; i < bits; i++) raw |= static_cast<unsigned long long>(static_cast<bool>(target[i])) << i;
  return raw;
}

int sc_main(int, char**) {
  int ss, sb, si, ds, db, di, q, o, n;
  long long raw;
  while (std::scanf("%d %d %d %d %d %d %d %d %d %lld", &ss, &sb, &si, &ds, &db, &di, &q, &o, &n, &raw) == 10) {
    double value = std::ldexp(static_cast<double>(raw), si - sb);
    unsigned long long result;
    if (ss) {
      sc_dt::sc_fix source(value, sb, si);
      result = ds ? convert<sc_dt::sc_fix>(source, db, di, q, o, n) : convert<sc_dt::sc_ufix>(source, db, di, q, o, n);
    } else {
      sc_dt::sc_ufix source(value, sb, si);
      result = ds ? convert<sc_dt::sc_fix>(source, db, di, q, o, n) : convert<sc_dt::sc_ufix>(source, db, di, q, o, n);
    }
    std::printf("%llu\n", result);
  }
  return 0;
}
