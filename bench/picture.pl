# Draws ratios as bars on a logarithmic axis, as SVG: lines of "words TAB median TAB lower TAB upper" in, a picture out.

use strict;
use warnings;

my @rows = map { chomp; [ split /\t/ ] } <STDIN>;
@rows = grep { @$_ == 4 && $_->[1] > 0 } @rows or die "no ratios\n";

my ($left, $top, $wide, $line) = (410, 64, 470, 26);    # of the plot
my ($low, $high) = (0, 0);                              # powers of ten
for my $row (@rows)
{
	my ($from, $to) = map { log($_) / log(10) } @$row[ 2, 3 ];
	$low-- while $from < $low;
	$high++ while $to > $high;
}
$high = 1 if $high < 1;
my ($width, $height) = ($left + $wide + 70, $top + @rows * $line + 44);
my $bottom = $top + @rows * $line;

sub x { my ($ratio) = @_; return sprintf '%.1f', $left + $wide * (log($ratio) / log(10) - $low) / ($high - $low); }
sub text { my ($text) = @_; $text =~ s/&/&amp;/g; $text =~ s/</&lt;/g; return $text; }
sub shown { my ($ratio) = @_; my $n = sprintf '%.0f', 1 / $ratio; 1 while $n =~ s/^(\d+)(\d{3})/$1,$2/; return $ratio < 0.1 ? "1/$n" : sprintf '%.2f', $ratio; }

print <<"EOF";
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" font-family="sans-serif" font-size="13">
<title>Cost of sslinfo_plus as a part of the cost of contrib/sslinfo and pg_stat_ssl</title>
<rect width="$width" height="$height" fill="#fff"/>
<text x="12" y="26" font-size="16" font-weight="bold">Cost as a part of the cost of contrib/sslinfo: further left is cheaper</text>
<text x="12" y="46" fill="#555">median of the ratios of processor time, with the middle half of the pairs; logarithmic axis</text>
EOF
for my $power ($low .. $high)
{
	my $x = x(10**$power);
	my $label = $power < 0 ? '1/' . reverse(join ',', unpack '(A3)*', reverse 10**-$power) : 10**$power;
	my $stroke = $power == 0 ? '#333' : '#ddd';
	print qq{<line x1="$x" y1="$top" x2="$x" y2="$bottom" stroke="$stroke"/>\n};
	print qq{<text x="$x" y="@{[ $bottom + 18 ]}" text-anchor="middle" fill="#333">@{[ $power == 0 ? '1 (equal)' : $label ]}</text>\n}
	  if $power == 0 || $high - $low < 8 || $power % 2 == 0;
}
for my $i (0 .. $#rows)
{
	my ($words, $median, $lower, $upper) = @{ $rows[$i] };
	my ($one, $at, $y) = (x(1), x($median), $top + $i * $line);
	my ($from, $to) = $at < $one ? ($at, $one) : ($one, $at);
	my $middle = $y + $line / 2;
	print qq{<text x="@{[ $left - 10 ]}" y="@{[ $middle + 4 ]}" text-anchor="end">@{[ text($words) ]}</text>\n};
	print qq{<rect x="$from" y="@{[ $y + 5 ]}" width="@{[ sprintf '%.1f', $to - $from ]}" height="@{[ $line - 10 ]}" fill="@{[ $median <= 1 ? '#2a7' : '#c63' ]}"/>\n};
	print qq{<line x1="@{[ x($lower) ]}" y1="$middle" x2="@{[ x($upper) ]}" y2="$middle" stroke="#000" stroke-width="2"/>\n};
	my $beside = $at < $one ? $one : $at;
	print qq{<text x="@{[ $beside + 6 ]}" y="@{[ $middle + 4 ]}" fill="#333">@{[ shown($median) ]}</text>\n};
}
print "</svg>\n";
