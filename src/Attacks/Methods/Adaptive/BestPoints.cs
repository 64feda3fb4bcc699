using QSim.Attacks.Evaluation;
using QSim.Kernels.Datapath;

namespace QSim.Attacks.Methods.Adaptive;

/// <summary>By slot, the image with the largest margin so far.</summary>
internal sealed class BestPoints
{
    private readonly AttackRun _run;
    private readonly float[] _images;
    private readonly double[] _margins;

    /// <summary>At the current images.</summary>
    public BestPoints(AttackRun run)
    {
        _run = run;
        _images = new float[Sizes.Elements(run.Count, run.ImageLength)];
        _margins = new double[run.Count];
        Array.Fill(_margins, double.NegativeInfinity);
        Load(Originals());
        run.Query();
        Note();
    }

    /// <summary>Takes in what the source said about the current images.</summary>
    public void Note()
    {
        foreach (int slot in _run.Active)
        {
            double margin = _run.Margin(slot);
            if (margin <= _margins[slot]) continue;
            _margins[slot] = margin;
            _run.Current(slot).CopyTo(_images.AsSpan(slot * _run.ImageLength));
        }
    }

    /// <summary>The current images of all slots.</summary>
    public float[] Snapshot()
    {
        float[] all = new float[_images.Length];
        for (int slot = 0; slot < _run.Count; slot++)
            _run.Current(slot).CopyTo(all.AsSpan(slot * _run.ImageLength));
        return all;
    }

    /// <summary>Makes images the current ones, where there is still something to do.</summary>
    public void Load(float[] images)
    {
        foreach (int slot in _run.Active)
            images.AsSpan(slot * _run.ImageLength, _run.ImageLength).CopyTo(_run.Current(slot));
    }

    /// <summary>Back to the originals.</summary>
    public void Reset() => Load(Originals());

    /// <summary>To the best.</summary>
    public void Restore() => Load(_images);

    private float[] Originals()
    {
        float[] all = new float[_images.Length];
        for (int slot = 0; slot < _run.Count; slot++)
            _run.Original(slot).CopyTo(all.AsSpan(slot * _run.ImageLength));
        return all;
    }
}
