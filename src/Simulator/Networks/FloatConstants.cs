namespace QSim.Simulator.Networks;

/// <summary>
/// What a file says of <c>scale * x + shift</c>, number by number: networks between whose layers
/// are float32 numbers round as the file's own tool does.
/// </summary>
/// <param name="Divides">
/// Whether x is divided by a factor: the product with its reciprocal is another number.
/// </param>
/// <param name="Factors">One per channel.</param>
/// <param name="Shifts">One per channel, added after the product was rounded.</param>
internal sealed record FloatConstants(bool Divides, float[] Factors, float[] Shifts);
