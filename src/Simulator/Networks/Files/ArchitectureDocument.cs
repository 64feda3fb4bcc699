using System.Globalization;
using QSim.Kernels.Datapath;
using QSim.Simulator.Profiles.Documents;

namespace QSim.Simulator.Networks.Files;

/// <summary>What both kinds of written networks have: layers, an input, lists of numbers.</summary>
internal static class ArchitectureDocument
{
    /// <summary>A document in one spelling and with all defaults, its layers, too.</summary>
    /// <exception cref="InputException">Something in it is wrong; says where.</exception>
    public static MapNode Resolved(MapNode written, MapType type)
    {
        var errors = new List<InputError>();
        var normal = (MapNode)new DocumentValidator(errors).Normalize(written, type);
        MapNode root = new DocumentResolver(errors).Resolve(normal, type);
        var layer = (MapType)((ListType)type.Find("layers")!.Type).Item;
        if (errors.Count == 0 && root["layers"] is ListNode list)
            root = root.With("layers", list with
            {
                Items = [.. list.Items.Select(l => l is MapNode map
                    ? new DocumentResolver(errors).Resolve(map, layer)
                    : l)],
            });
        return errors.Count > 0 ? throw new InputException(errors) : root;
    }

    /// <summary>The shape of the images, as the file or the caller says it.</summary>
    public static TensorShape Input(MapNode root, DocumentNode? node, TensorShape? asked)
    {
        if (node is not ListNode input)
            return asked ?? throw new InputException(root.Error(
                "input: it does not say the shape of an image, as in input: [1, 28, 28]"));
        int[] extents = Numbers(input);
        if (extents.Length == 3
            && Sizes.WhyNot(new(extents[0], extents[1], extents[2])) is { } reason)
            throw new InputException(input.Error(reason));
        if (extents.Length == 3 && (asked is null
            || new TensorShape(extents[0], extents[1], extents[2]) == asked))
            return new(extents[0], extents[1], extents[2]);
        throw new InputException(input.Error(
            asked is null
                ? $"{string.Join('x', extents)} (supported: channels, rows, columns)"
                : $"takes {string.Join('x', extents)} images, but those of the data are {asked}"));
    }

    /// <summary>The numbers of a list.</summary>
    public static int[] Numbers(ListNode list) =>
        [
            .. list
                .Items.OfType<ScalarNode>()
                .Select(i => int.Parse(i.Text, CultureInfo.InvariantCulture)),
        ];
}
