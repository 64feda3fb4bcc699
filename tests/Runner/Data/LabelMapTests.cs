using QSim.Runner.Data;

namespace QSim.Runner.Tests.Data;

/// <summary>A dataset with some of a network's classes.</summary>
public class LabelMapTests
{
    private static readonly ImageSet Images = new(new(1), [0, 0.5f, 1], [0, 1, 1]);

    private static readonly Dataset Pets = new("pets", 2, Images, Images, "sha")
    {
        ClassNames = ["cat", "dog"],
    };

    [Theory]
    [InlineData("281,207")]
    [InlineData("dog=207,cat=281")]
    public void Apply_ClassesOfTheNetwork_AreTheLabels(string map)
    {
        Dataset mapped = LabelMap.Apply(Pets, map.Split(','));

        Assert.Equal([281, 207, 207], mapped.Test.Labels);
        Assert.Equal(mapped.Test.Labels, mapped.Train.Labels);
        Assert.Equal(282, mapped.Classes);
        Assert.Equal(("cat", "dog"), (mapped.ClassNames[281], mapped.ClassNames[207]));
        Assert.NotEqual(Pets.Sha256, mapped.Sha256);
    }

    [Fact]
    public void Apply_Nothing_ChangesNothing() => Assert.Same(Pets, LabelMap.Apply(Pets, []));

    [Theory]
    [InlineData("1", "label map: 1 classes for the 2 of pets")]
    [InlineData("3,3", "label map: two classes are 3 of the network")]
    [InlineData("cat=1,dgo=2", "label map dgo=2: pets has no class 'dgo'; did you mean 'dog'?")]
    [InlineData("cat=1", "label map: says nothing of class 'dog'")]
    [InlineData("cat=1,cat=2", "label map cat=2: 'cat' is there twice")]
    [InlineData("1,-2", "label map -2 (supported: a class of the network, 0..9999, or NAME=CLASS)")]
    public void Apply_ThatDoesNotFit_IsRefused(string map, string why) => Assert.StartsWith(
        why,
        Assert.Throws<RequestException>(() => LabelMap.Apply(Pets, map.Split(','))).Message);
}
