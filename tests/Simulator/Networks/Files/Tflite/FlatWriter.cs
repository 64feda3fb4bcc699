using System.Buffers.Binary;
using System.Text;

namespace QSim.Simulator.Tests.Networks.Files.Tflite;

/// <summary>A table of a FlatBuffers file to be: fields by their place in the schema.</summary>
/// <remarks>
/// Values are bytes, whole numbers, float32 numbers, text, byte arrays, arrays of whole numbers,
/// tables and arrays of tables.
/// </remarks>
internal sealed class FlatNode : SortedDictionary<int, object>;

/// <summary>Writes FlatBuffers: a table's offsets before it, what it holds behind.</summary>
/// <remarks>Everything lies where FlatBuffers' own verifier wants it: others read this.</remarks>
internal sealed class FlatWriter
{
    private readonly List<byte> _bytes = [];

    /// <summary>The file of a root table.</summary>
    public static byte[] Write(FlatNode root, string identifier)
    {
        var writer = new FlatWriter();
        writer._bytes.AddRange([0, 0, 0, 0, .. Encoding.ASCII.GetBytes(identifier)]);
        writer.Patch(0, writer.Table(root));
        return [.. writer._bytes];
    }

    private int Table(FlatNode node)
    {
        int fields = node.Count == 0 ? 0 : node.Keys.Max() + 1, offsets = (2 + fields) * 2;
        Align(4, offsets);
        int list = _bytes.Count;
        _bytes.AddRange(new byte[offsets]);
        int at = _bytes.Count;
        Integer(at - list, 4);
        var later = new List<(int Place, object Value)>();
        foreach ((int field, object value) in node)
        {
            if (value is not byte) Align(4);
            int place = _bytes.Count;
            BinaryPrimitives.WriteUInt16LittleEndian(
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes)
                    [(list + ((2 + field) * 2))..], (ushort)(place - at));
            switch (value)
            {
                case byte b: _bytes.Add(b); break;
                case int i: Integer(i, 4); break;
                case float f: Integer(BitConverter.SingleToInt32Bits(f), 4); break;
                default:
                    later.Add((place, value));
                    Integer(0, 4);
                    break;
            }
        }

        Span<byte> all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(all[list..], (ushort)(at - list));
        BinaryPrimitives.WriteUInt16LittleEndian(all[(list + 2)..], (ushort)(all.Length - at));
        foreach ((int place, object value) in later) Patch(place, Behind(value));
        return at;
    }

    private int Behind(object value)
    {
        if (value is FlatNode node) return Table(node);
        Align(value switch { byte[] => 16, long[] => 8, _ => 4 }, 4);
        int at = _bytes.Count;
        switch (value)
        {
            case string text:
                Vector(Encoding.UTF8.GetBytes(text), 1);
                _bytes.Add(0);
                break;
            case byte[] bytes: Vector(bytes, 1); break;
            case int[] values: Vector([.. values.SelectMany(BitConverter.GetBytes)], 4); break;
            case float[] values: Vector([.. values.SelectMany(BitConverter.GetBytes)], 4); break;
            case long[] values: Vector([.. values.SelectMany(BitConverter.GetBytes)], 8); break;
            case FlatNode[] nodes:
                Integer(nodes.Length, 4);
                int first = _bytes.Count;
                _bytes.AddRange(new byte[nodes.Length * 4]);
                for (int i = 0; i < nodes.Length; i++) Patch(first + (i * 4), Table(nodes[i]));
                break;
            default: throw new ArgumentException($"{value.GetType()}");
        }

        return at;
    }

    /// <summary>Fills up so that what comes after some more bytes lies at a multiple.</summary>
    private void Align(int multiple, int ahead = 0)
    {
        while ((_bytes.Count + ahead) % multiple != 0) _bytes.Add(0);
    }

    private void Vector(byte[] bytes, int element)
    {
        Integer(bytes.Length / element, 4);
        _bytes.AddRange(bytes);
    }

    private void Integer(int value, int bytes) =>
        _bytes.AddRange(BitConverter.GetBytes(value).Take(bytes));

    private void Patch(int place, int target) => BinaryPrimitives.WriteInt32LittleEndian(
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes)[place..], target - place);
}
