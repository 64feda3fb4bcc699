namespace QSim.Attacks.Methods;

/// <summary>Follows APGD's steps.</summary>
internal delegate void StepTrace(int slot, int step, double size, ReadOnlySpan<float> point);
