namespace QSim.CudaDriver.Machine;

/// <summary>What a card, or a tool that watches one, would end a kernel for.</summary>
/// <param name="at">Where.</param>
/// <param name="what">Happened.</param>
internal sealed class KernelFault(Instruction at, string what)
    : Exception($"{at.Name} in line {at.Line}: {what}");
