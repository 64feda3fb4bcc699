namespace QSim.CudaDriver.Ptx;

/// <summary>A text that an assembler would refuse, or that this one does not know.</summary>
/// <param name="line">Counted from 1.</param>
/// <param name="what">What was found.</param>
internal sealed class PtxException(int line, string what) : Exception($"line {line}: {what}");
