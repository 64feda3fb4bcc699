using QSim.Kernels.Backends.Reference;
using QSim.Kernels.Datapath;

namespace QSim.Kernels.Backends.Simd;

/// <summary>A layer that is rare or small enough to leave to the reference's loops.</summary>
/// <remarks>Needs nothing: Workspace and PlanarOrder assert what they touch.</remarks>
internal sealed unsafe class ReferenceStep(ProgramLayer layer, StepPlace place) : Step
{
    public override void Run(Workspace workspace, ImageBlock block)
    {
        for (int image = 0; image < block.Images; image++)
        {
            var inputs = new long[place.Inputs.Length][];
            for (int i = 0; i < inputs.Length; i++)
            {
                inputs[i] = new long[place.Inputs[i].Length];
                PlanarOrder.Load(
                    workspace.Tensor(layer.Inputs[i], block.Images), place.Inputs[i], image,
                    inputs[i]);
            }

            var run = new LayerRun(
                place.Seed, place.Index, block.FirstImage + image, place.Shape,
                workspace.Counters[place.Index]);
            long[] output = ReferenceRunner.RunLayer(layer, inputs, run);
            PlanarOrder.Store(
                output, place.Output, workspace.Tensor(place.OutputTensor, block.Images), image);
        }
    }
}
