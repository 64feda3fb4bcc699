using ILGPU;
using QSim.Kernels.Arithmetic;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Ilgpu;

/// <summary>Events of one stage, image and channel.</summary>
/// <param name="Overflowed">Elements that overflowed.</param>
/// <param name="Inexact">Elements that lost a set bit.</param>
/// <param name="FirstOverflow">Position of the first that overflowed; -1 when none did.</param>
internal readonly record struct EventTally(int Overflowed, int Inexact, int FirstOverflow)
{
    /// <summary>
    /// Kernel: one thread per image and channel counts along positions; no atomics, no order.
    /// </summary>
    /// <param name="index">image * channels + channel.</param>
    /// <param name="flags">One integer per output element.</param>
    /// <param name="tallies">Filled, one per thread.</param>
    /// <param name="positions">Elements per channel.</param>
    /// <param name="stage">Which stage to count.</param>
    public static void Count(
        Index1D index, ArrayView<int> flags, ArrayView<EventTally> tallies, int positions,
        EventStage stage)
    {
        int overflowed = 0;
        int inexact = 0;
        int first = -1;
        for (int position = 0; position < positions; position++)
        {
            int events = (int)EventFlags.At(stage, flags[(index * positions) + position]);
            if ((events & (int)ConversionEvents.Inexact) != 0) inexact++;
            if ((events & (int)ConversionEvents.Overflowed) == 0) continue;
            if (first < 0) first = position;
            overflowed++;
        }

        tallies[index] = new(overflowed, inexact, first);
    }
}
