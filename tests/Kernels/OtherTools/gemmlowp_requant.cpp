// Scales accumulators as gemmlowp does. One case a line on standard input: accumulator multiplier right_shift;
// the high multiplication and the final result on standard output.
#include <cstdint>
#include <cstdio>
#include <fixedpoint/fixedpoint.h>

int main() {
  int accumulator, multiplier, shift;
  while (std::scanf("%d %d %d", &accumulator, &multiplier, &shift) == 3) {
    std::int32_t high = gemmlowp::SaturatingRoundingDoublingHighMul<std::int32_t>(accumulator, multiplier);
    std::printf("%d %d\n", high, gemmlowp::RoundingDivideByPOT<std::int32_t>(high, shift));
  }
}
